/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The protocol of tests/explore/protocol.h as a model for SPIN: GETTERS getters
 * and one destroyer, each doing ROUNDS rounds.  A step here is what is a step
 * there: lock, unlock, each operation on a counter, the touch, the wait and the
 * free.  With AFTER defined, so is the code that follows the drop of a counter, as it
 * is for the explorer by default.  spin.sh runs both side by side.
 */
#ifndef GETTERS
#define GETTERS 2
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif

/* It uses nothing that could be freed, so it can be done at any time. */
#ifdef AFTER
#define DROPPED (freed || !freed)
#else
#define DROPPED
#endif

bool locked, slot = true, freed;
byte users = 1, shortterm = 1;

active [GETTERS] proctype getter()
{
	byte round;
	bool got;

	do
	:: round < ROUNDS ->
		atomic { !locked -> locked = true; got = false };
		if
		:: atomic { !slot -> goto unlock }
		:: atomic { slot && users > 0 -> users++ };
			if
			:: atomic { shortterm > 0 -> shortterm++; got = true }
			:: atomic { shortterm == 0 -> skip };
				users--;
				DROPPED
			fi
		:: atomic { slot && users == 0 -> skip }
		fi;
unlock:
		atomic {
			locked = false;
			if
			:: got
			:: !got -> round++; goto next
			fi
		};
		assert(!freed);
		users--;
		DROPPED;
		atomic { shortterm--; round++ };
		DROPPED;
next:
		skip
	:: else -> break
	od
}

active proctype destroyer()
{
	byte round;
	bool got;

	do
	:: round < ROUNDS ->
		atomic { !locked -> locked = true; got = false };
		if
		:: atomic { !slot -> skip }
		:: atomic { slot && users == 1 -> users = 0; got = true };
			slot = false
		:: atomic { slot && users != 1 -> skip }
		fi;
		atomic {
			locked = false;
			if
			:: got
			:: !got -> round++; goto next
			fi
		};
		shortterm--;
		DROPPED;
		shortterm == 0;
		atomic { freed = true; round++ };
next:
		skip
	:: else -> break
	od
}
