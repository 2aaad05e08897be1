# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# A Slurm of one node with 64 processors in its own view, which listens on the loopback
# interface only.  For scripts that have a temporary folder $dir, to be sourced:
#	have_slurm	true if its programs are installed
#	start_slurm	start it; sbatch and the like then use it
#	stop_slurm	stop it, also if it did not start

PATH=$PATH:/usr/sbin:/sbin

have_slurm()
{
	for tool in munged slurmctld slurmd sbatch sinfo; do
		command -v "$tool" >/dev/null || {
			echo "$tool is not installed"
			return 1
		}
	done
}

# until_true SECONDS COMMAND...
until_true()
{
	seconds=$1
	shift
	while ! "$@" >/dev/null 2>&1; do
		seconds=$((seconds - 1))
		test $seconds -gt 0 || return 1
		sleep 1
	done
}

node_is_idle()
{
	sinfo -h -o %T | grep -qx idle
}

# Two port numbers that are probably free.
write_slurm_conf()
{
	port=$((20000 + $$ % 5000 * 2))
	cat >"$slurm/slurm.conf" <<END
ClusterName=test
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$slurm/socket
CredType=cred/munge
StateSaveLocation=$slurm/state
SlurmdSpoolDir=$slurm/spool
SlurmctldPidFile=$slurm/slurmctld.pid
SlurmdPidFile=$slurm/slurmd.pid
SlurmctldLogFile=$slurm/slurmctld.log
SlurmdLogFile=$slurm/slurmd.log
SlurmctldPort=$port
SlurmdPort=$((port + 1))
MailProg=/bin/true
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SlurmdParameters=config_overrides
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=64
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE
END
}

# munged wants that every user can reach its socket and that no other user can
# read its key.
start_slurm()
{
	slurm=$dir/slurm
	mkdir -p "$slurm/key" "$slurm/state" "$slurm/spool"
	chmod 711 "$dir" "$slurm"
	chmod 700 "$slurm/key"
	head -c 1024 /dev/urandom >"$slurm/key/key"
	chmod 600 "$slurm/key/key"
	write_slurm_conf
	SLURM_CONF=$slurm/slurm.conf
	export SLURM_CONF
	munged --socket="$slurm/socket" --key-file="$slurm/key/key" \
		--pid-file="$slurm/munged.pid" --log-file="$slurm/munged.log" \
		--seed-file="$slurm/key/seed" &&
		slurmctld && slurmd -N "$(hostname -s)" &&
		until_true 120 node_is_idle && return
	tail -n 20 "$slurm"/*.log
	return 1
}

stop_slurm()
{
	for daemon in slurmd slurmctld munged; do
		pid=$(cat "${slurm-none}/$daemon.pid" 2>/dev/null) || continue
		kill "$pid" || continue
		until_true 60 test ! -e "/proc/$pid" || kill -9 "$pid" || :
	done
}
