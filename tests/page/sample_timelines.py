# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# Timelines for the tests of the page: some that the program might write, and
# some that it never should.  The head of src/render/page/page.html describes a
# timeline.
#
#	sample_timelines.py PAGE DIRECTORY   writes DIRECTORY/NAME.html for each
import json
import pathlib
import random
import sys

COUNTERS = ["users", "wait_cnt", "references"]
GONE, RESERVED, PUBLISHED, DYING = range(4)
EVIL = "</script><img src=x onerror=console.error(1)>&amp;\"'\u202e\u2028 \\u003c"


def page(template, timeline):
    """The page, as the program writes it."""
    text = timeline if isinstance(timeline, str) else json.dumps(
        timeline, ensure_ascii=False)
    return template.replace("@TIMELINE@", text.replace("<", "\\u003c"))


class Timeline:
    """Tells a run, and keeps the counters that it needs for that."""

    def __init__(self, title, kind, threads):
        self.title, self.kind = title, kind
        self.threads = threads
        self.nodes, self.edges, self.steps = [], [], []
        self.locks, self.sites, self.marks, self.passes = [], [], [], []
        self.failure, self.t, self.cut, self.depth = None, 0, 0, 0
        self.value, self.table, self.refs = {}, {}, {}

    def node(self, name, kind="object"):
        for i, n in enumerate(self.nodes):
            if n["n"] == name:
                return i
        self.nodes.append({"n": name, "k": kind})
        return len(self.nodes) - 1

    def edge(self, holder, obj, counter):
        key = {"f": holder, "t": obj, "c": counter}
        if key not in self.edges:
            self.edges.append(key)
        return self.edges.index(key)

    def site(self, text):
        if text and text not in self.sites:
            self.sites.append(text)
        return self.sites.index(text) if text else -1

    def on(self, thread, preempted=False):
        self.t = self.threads.index(thread)
        self.cut = int(preempted)
        return self

    def step(self, kind, what, more="", site="", changes=()):
        s = {"t": self.t, "k": kind, "x": what, "w": self.site(site),
             "d": self.depth, "p": self.cut, "c": list(changes)}
        if more:
            s["h"] = more
        self.steps.append(s)
        self.cut = 0

    def there(self, name, kind, counters=(), table=False, state=PUBLISHED,
              more=()):
        n = self.node(name, kind)
        changes = [["n", n, state]]
        for c in counters:
            self.value[n, c], self.table[n, c] = 1, int(table)
            changes.append(["v", n, COUNTERS.index(c), 1, int(table)])
        return n, changes + list(more)

    def alloc(self, name):
        _, c = self.there(name, "object", ["users", "wait_cnt"], True,
                          RESERVED)
        self.step("note", name + " is allocated: users 1, wait_cnt 1, its id "
                  "reserved", changes=c)

    def publish(self, name):
        self.step("note", name + " is published",
                  changes=[["n", self.node(name), PUBLISHED]])

    def count(self, holder, name, counter, by, site=""):
        """by: +1 taken, -1 dropped.  holder None: the id table."""
        n = self.node(name)
        old = self.value[n, counter]
        self.value[n, counter] = old + by
        changes = []
        if holder is None:
            self.table[n, counter] += by
            who = "by the id table"
        else:
            h = self.node(holder)
            e = self.edge(h, n, counter)
            self.refs[e] = self.refs.get(e, 0) + by
            changes.append(["e", e, self.refs[e]])
            who = "by the running ioctl" if self.nodes[h]["k"] == "thread" \
                else "by " + holder
        changes.insert(0, ["v", n, COUNTERS.index(counter), old + by,
                           self.table.get((n, counter), 0)])
        self.step("count", f"{counter} of {name}: {old} -> {old + by}", who,
                  site, changes)

    def take(self, holder, name, counter="users", site=""):
        self.count(holder, name, counter, 1, site)

    def drop(self, holder, name, counter="users", site=""):
        self.count(holder, name, counter, -1, site)

    def get(self, thread, name):
        self.lock("the table of ctx", "iommufd_get_object main.c:118")
        self.take(thread, name, "users", "iommufd_lock_obj private.h:243")
        self.take(thread, name, "wait_cnt", "iommufd_lock_obj private.h:245")
        self.unlock("the table of ctx", "iommufd_get_object main.c:124")

    def put(self, thread, name):
        self.drop(thread, name, "users", "iommufd_put_object main.c:243")
        self.drop(thread, name, "wait_cnt", "iommufd_put_object main.c:244")

    def lock(self, name, site="", mode=1):
        if name not in self.locks:
            self.locks.append(name)
        word = {0: "unlock", 1: "lock", 2: "lock for reading"}[mode]
        self.step("lock", f"{word} {name}", "", site,
                  [["l", self.t, self.locks.index(name), mode]])

    def unlock(self, name, site=""):
        self.lock(name, site, 0)

    def dying(self, name, site="destroy_and_free main.c:301"):
        self.step("note", name + " is out of the table; its destroy begins",
                  "", site, [["n", self.node(name), DYING]])
        self.depth += 1

    def freed(self, name):
        self.step("note", name + " is freed",
                  changes=[["n", self.node(name), GONE]])
        self.step("memory", "free " + name, "", "destroy_and_free main.c:305")
        self.depth -= 1

    def line(self, number, text):
        self.marks.append({"s": len(self.steps), "e": len(self.steps),
                           "t": self.t, "l": number, "x": text, "r": ""})
        return self.marks[-1]

    def result(self, mark, text):
        mark["e"], mark["r"] = len(self.steps), text

    def when(self, p):
        """The steps that freed what is gone in a pass."""
        return [next(i + 1 for i in range(p["s"], p["e"])
                     if ["n", self.node(name), GONE] in self.steps[i]["c"])
                for name in p["gone"]]

    def data(self):
        for p in self.passes:
            p["when"] = self.when(p)
        timeline = {"title": self.title, "kind": self.kind,
                "skipped": 0, "threads": self.threads, "nodes": self.nodes,
                "edges": self.edges, "locks": self.locks, "sites": self.sites,
                "marks": self.marks, "passes": self.passes,
                "steps": self.steps, "failure": self.failure}
        lay_out(timeline)
        return timeline


def ranks(timeline):
    """The holders over what they hold."""
    rank = [0] * len(timeline["nodes"])
    for _ in range(12):
        for e in timeline["edges"]:
            if e["f"] != e["t"] and rank[e["t"]] <= rank[e["f"]] < 8:
                rank[e["t"]] = rank[e["f"]] + 1
    # As deep as what is held allows.
    for _ in range(12):
        for n in range(len(rank)):
            below = [rank[e["t"]] for e in timeline["edges"]
                     if e["f"] == n and e["t"] != n]
            if below and min(below) - 1 > rank[n]:
                rank[n] = min(below) - 1
    return rank


def lay_out(timeline):
    """Places and curves, plainly; the program does it better."""
    rows = {}
    for n, r in enumerate(ranks(timeline)):
        rows.setdefault(r, []).append(n)
    for n in timeline["nodes"]:
        n["w"] = max(130, min(230, 8 * len(n["n"]) + 30))
        n["h"] = 30 if n["k"] in ("thread", "descriptor") else 46
    near = {n: [] for n in range(len(timeline["nodes"]))}
    for e in timeline["edges"]:
        near[e["f"]].append(e["t"])
        near[e["t"]].append(e["f"])
    place = {n: i for row in rows.values() for i, n in enumerate(row)}
    for _ in range(8):
        for row in rows.values():
            mean = {n: sum(place[m] for m in near[n]) / len(near[n])
                    if near[n] else place[n] for n in row}
            row.sort(key=lambda n: mean[n])
            place.update({n: i - len(row) / 2 for i, n in enumerate(row)})
    wide = max((sum(timeline["nodes"][n]["w"] + 44 for n in row)
                for row in rows.values()), default=400)
    for r, row in rows.items():
        gap = wide / len(row)
        for i, n in enumerate(row):
            timeline["nodes"][n]["x"] = round((i + .5) * gap)
            timeline["nodes"][n]["y"] = 40 + 104 * r
    timeline["width"] = round(wide)
    timeline["height"] = 80 + 104 * max(rows, default=0)
    route(timeline)


def route(timeline):
    pairs = {}
    for e in timeline["edges"]:
        pairs.setdefault((e["f"], e["t"]), []).append(e)
    for (f, t), several in pairs.items():
        a, b = timeline["nodes"][f], timeline["nodes"][t]
        for i, e in enumerate(several):
            by = (i - (len(several) - 1) / 2) * 46
            down = b["y"] >= a["y"]
            y0 = a["y"] + (a["h"] / 2 if down else -a["h"] / 2)
            y1 = b["y"] - (b["h"] / 2 if down else -b["h"] / 2)
            x0, x1 = a["x"] + by / 2, b["x"] + by / 2
            e["p"] = [[round(x0, 1), y0],
                      [round(x0 + by, 1), round(y0 + (y1 - y0) * .4, 1)],
                      [round(x1 + by, 1), round(y0 + (y1 - y0) * .6, 1)],
                      [round(x1, 1), y1]]
            e["l"] = [round((x0 + x1) / 2 + by, 1), (y0 + y1) / 2]


# The timelines.

def close_order():
    f = Timeline("examples/scenarios/close-order.script", "run", ["main"])
    ioas, dev, hwpt = "ioas 1", "device 3", "hwpt_paging 5"
    viommu, queue, access = "viommu 6", "hw_queue 7", "access 8"
    main = f.node("main", "thread")
    f.step("other", "main starts", changes=[["n", main, PUBLISHED]])
    make_chain(f, ioas, dev, hwpt, viommu)
    m = f.line(10, "hw_queue_alloc $viommu 0 0x2000000 4K -> $queue")
    f.get("main", viommu)
    f.lock("mutex of " + ioas, "iommufd_hw_queue_make viommu.c:480")
    f.alloc(queue)
    f.alloc(access)
    f.take(queue, access, "users", "__iommufd_access_create access.c:32")
    f.publish(access)
    f.take(access, ioas, "users", "do_change_ioas access.c:99")
    f.step("memory", "pin 1 page", "", "iommufd_access_pin_pages access.c:210")
    f.take(queue, viommu, "users", "iommufd_hw_queue_make viommu.c:518")
    f.unlock("mutex of " + ioas, "iommufd_hw_queue_make viommu.c:530")
    f.put("main", viommu)
    f.publish(queue)
    f.result(m, "ret=0 id=7")
    m = f.line(11, "unmap $ioas 0x2000000 2M   # EBUSY: the queue's access")
    f.get("main", ioas)
    f.put("main", ioas)
    f.result(m, "ret=-EBUSY")
    m = f.line(12, "destroy $ioas   # EBUSY")
    f.step("note", "users of ioas 1 is 4, held by access 8: not destroyed")
    f.result(m, "ret=-EBUSY")
    m = f.line(13, "close")
    f.drop("descriptor 3", "ctx", "references", "iommufd_model_fput file.c:69")
    f.step("note", "the descriptor is closed",
           changes=[["n", f.node("descriptor 3"), GONE]])
    close_passes(f, ioas, dev, hwpt, viommu, queue, access)
    f.result(m, "ret=0")
    return f.data()


def make_chain(f, ioas, dev, hwpt, viommu):
    m = f.line(4, "open")
    ctx, c = f.there("ctx", "ctx")
    fd, d = f.there("descriptor 3", "descriptor")
    f.step("note", "ctx is made", "its one reference is the descriptor's",
           changes=c + d + [["v", ctx, 2, 1, 0],
                            ["e", f.edge(fd, ctx, "references"), 1]])
    f.value[ctx, "references"] = f.refs[0] = 1
    f.result(m, "ret=0")
    m = f.line(5, "ioas_alloc -> $ioas")
    f.step("user", "copy_from_user ucmd.ubuffer", "",
           "iommufd_fops_ioctl main.c:401")
    f.alloc(ioas)
    f.publish(ioas)
    f.step("user", "copy_to_user ucmd.ubuffer", "", "iommufd_ucmd_respond")
    f.result(m, "ret=0 id=1")
    m = f.line(6, "map $ioas 0x2000000 0 2M rw")
    f.get("main", ioas)
    f.lock("iova_rwsem of ioas 1", "iopt_map_pages io_pagetable.c:340")
    f.unlock("iova_rwsem of ioas 1", "iopt_map_pages io_pagetable.c:361")
    f.put("main", ioas)
    f.result(m, "ret=0 iova=0x2000000")
    m = f.line(7, "mock_domain $ioas -> $stdev $hwpt $device")
    f.alloc("selftest 2")
    f.alloc(dev)
    f.take("selftest 2", dev, "users", "iommufd_device_bind device.c:210")
    f.publish(dev)
    f.alloc("hwpt_paging 4")
    f.take("hwpt_paging 4", ioas, "users",
           "iommufd_hwpt_paging_alloc hw_pagetable.c:218")
    f.take(dev, "hwpt_paging 4", "users",
           "iommufd_device_get_hwpt device.c:244")
    f.publish("hwpt_paging 4")
    f.take("selftest 2", dev, "users", "iommufd_device_attach device.c:503")
    f.publish("selftest 2")
    f.result(m, "ret=0 stdev=2 hwpt=4 idev=3")
    m = f.line(8, "hwpt_alloc $device $ioas flags=1 -> $parent   # to nest in")
    f.get("main", dev)
    f.get("main", ioas)
    f.alloc(hwpt)
    f.take(hwpt, ioas, "users", "iommufd_hwpt_paging_alloc hw_pagetable.c:218")
    f.publish(hwpt)
    f.put("main", ioas)
    f.put("main", dev)
    f.result(m, "ret=0 id=5")
    m = f.line(9, "viommu_alloc $device $parent -> $viommu")
    f.get("main", dev)
    f.get("main", hwpt)
    f.alloc(viommu)
    f.take(viommu, hwpt, "users", "iommufd_viommu_new viommu.c:77")
    f.put("main", hwpt)
    f.put("main", dev)
    f.publish(viommu)
    f.result(m, "ret=0 id=6")


def close_passes(f, ioas, dev, hwpt, viommu, queue, access):
    def end(name):
        f.drop(None, name, "users", "release_pass main.c:458")
        f.dying(name)

    def removed(holder, name):
        f.drop(None, name, "wait_cnt", "iommufd_object_dec_wait main.c:270")
        f.drop(holder, name, "users", "do_remove main.c:320")
        f.drop(None, name, "users", "do_remove main.c:329")
        f.dying(name)

    def a_pass(n, gone, left):
        f.passes.append({"ctx": "ctx", "n": n, "s": len(f.steps), "e": 0,
                         "gone": gone, "left": left})
        f.step("note", f"pass {n}")
        f.depth += 1

    def pass_over():
        f.depth -= 1
        f.passes[-1]["e"] = len(f.steps)

    a_pass(1, ["selftest 2", "hwpt_paging 4", dev, queue, access],
           [f"{ioas} (users 4, {access})", f"{hwpt} (users 2, {viommu})",
            f"{viommu} (users 2, {queue})"])
    end("selftest 2")
    removed(dev, "hwpt_paging 4")
    f.drop("hwpt_paging 4", ioas, "users",
           "iommufd_hwpt_paging_destroy hw_pagetable.c:45")
    f.freed("hwpt_paging 4")
    f.drop("selftest 2", dev, "users", "iommufd_device_detach device.c:521")
    removed("selftest 2", dev)
    f.freed(dev)
    f.freed("selftest 2")
    end(queue)
    f.drop(access, ioas, "users", "do_change_ioas access.c:110")
    removed(queue, access)
    f.freed(access)
    f.drop(queue, viommu, "users", "iommufd_hw_queue_destroy viommu.c:417")
    f.freed(queue)
    pass_over()
    a_pass(2, [viommu], [f"{ioas} (users 2, {hwpt})",
                         f"{hwpt} (users 2, {viommu})"])
    end(viommu)
    f.drop(viommu, hwpt, "users", "iommufd_viommu_destroy viommu.c:48")
    f.freed(viommu)
    pass_over()
    a_pass(3, [hwpt], [f"{ioas} (users 2, {hwpt})"])
    end(hwpt)
    f.drop(hwpt, ioas, "users", "iommufd_hwpt_paging_destroy "
           "hw_pagetable.c:45")
    f.freed(hwpt)
    pass_over()
    a_pass(4, [ioas], [])
    end(ioas)
    f.freed(ioas)
    pass_over()
    f.step("note", "ctx is freed", changes=[["n", f.node("ctx"), GONE]])


def after_put():
    """An event file reads its object after the last put."""
    f = Timeline("z06-read-after-put: read after the last put", "failure",
             ["main", "close", "destroy"])
    for t in f.threads:
        f.step("other", t + " starts",
               changes=[["n", f.node(t, "thread"), PUBLISHED]])
    m = f.line(3, "open")
    ctx, c = f.there("ctx", "ctx")
    fd, d = f.there("descriptor 3", "descriptor")
    f.step("note", "ctx is made", changes=c + d + [
        ["v", ctx, 2, 1, 0], ["e", f.edge(fd, ctx, "references"), 1]])
    f.value[ctx, "references"] = f.refs[0] = 1
    f.result(m, "ret=0")
    m = f.line(4, "fault_alloc -> $fault $fd")
    f.alloc("fault 1")
    _, c = f.there("file of fault 1", "file")
    f.step("note", "the file of fault 1 is made", changes=c)
    f.take("file of fault 1", "fault 1", "users",
           "iommufd_eventq_init eventq.c:120")
    f.take("file of fault 1", "ctx", "references",
           "iommufd_eventq_init eventq.c:121")
    f.publish("fault 1")
    f.result(m, "ret=0 id=1 fd=4")
    f.on("close")
    m = f.line(6, "close $fd")
    f.step("other", "fd change 4", "", "iommufd_model_close_fd file.c:88")
    f.drop("file of fault 1", "fault 1", "users",
           "iommufd_eventq_release eventq.c:140")
    f.on("destroy", True)
    m2 = f.line(8, "destroy $fault")
    f.step("other", "fd lookup 3", "", "iommufd_model_fget file.c:51")
    f.step("user", "copy_from_user (u32 *)ucmd.ubuffer", "",
           "iommufd_fops_ioctl main.c:398")
    f.lock("the table of ctx", "do_remove main.c:310")
    f.drop(None, "fault 1", "users", "do_remove main.c:329")
    f.step("memory", "free node", "", "prune xarray.c:77")
    f.unlock("the table of ctx", "do_remove main.c:333")
    f.drop(None, "fault 1", "wait_cnt", "iommufd_object_dec_wait main.c:270")
    f.dying("fault 1")
    f.lock("mutex of fault 1", "iommufd_fault_destroy eventq.c:60")
    f.on("close", True)
    f.step("wait", "waits for mutex of fault 1", "held by destroy",
           "iommufd_eventq_release eventq.c:141")
    f.on("destroy")
    f.unlock("mutex of fault 1", "iommufd_fault_destroy eventq.c:71")
    f.freed("fault 1")
    f.lock("mutex of ctx", "iommufd_fops_ioctl main.c:410", 2)
    f.result(m2, "ret=0")
    m["e"] = len(f.steps)
    f.failure = {
        "kind": "use after free",
        "text": "close followed a pointer read from fault 1, which has been "
                "freed",
        "thread": 1, "next": "read_once eventq->ictx (fault 1)",
        "nextsite": f.site("iommufd_eventq_release eventq.c:142"),
        "states": ["ended", "failed", "ended"],
        "report": "z06: FAILED: use after free\n" + "\n".join(
            f"step {i + 1}: {s['x']}" for i, s in enumerate(f.steps)),
        "places": [["used", "iommufd_eventq_release eventq.c:142, by close"],
                   ["freed", "destroy_and_free main.c:305, by destroy"]],
        "pins": "access 2: 0x1000 bytes at IOVA 0x2000, pinned in f a.c:9\n"
                "and more\n",
        "about": "What was wrong: It reads: too late.\nThe rule: R-DESTROY-1\n",
        "schedule": "a7b2c",
        "command": "iommufd-model replay z06-read-after-put.script a7b2c",
    }
    return f.data()


def deadlock():
    """No thread in particular, no marks, a holder that nobody knows."""
    f = Timeline("two mutexes, two orders", "failure", ["left", "right"])
    names = ["left", "right", "waiter of both, who has a rather long name"]
    f.threads = names
    for name in ("ioas 1", "ioas 2"):
        f.alloc(name)
        f.publish(name)
    f.lock("mutex of ioas 1", "left test.c:10")
    f.on("right", True).lock("mutex of ioas 2", "right test.c:20")
    n = f.node("ioas 1")
    f.step("count", "users of ioas 1: 1 -> 3", "by nobody who is known", "",
           [["v", n, 0, 3, 1]])
    f.step("wait", "waits for mutex of ioas 1", "held by left",
           "right test.c:21")
    f.on("left").step("wait", "waits for mutex of ioas 2", "held by right",
                      "left test.c:11")
    f.failure = {
        "kind": "deadlock", "text": "every thread waits", "thread": -1,
        "next": "", "nextsite": -1,
        "states": ["waits for mutex of ioas 2, held by right",
                   "waits for mutex of ioas 1, held by left", "ended"],
        "places": [], "pins": "", "about": "",
        "report": "", "schedule": "", "command": "",
    }
    return f.data()


def busy():
    """A destroy that is refused because others hold the object."""
    f = Timeline("busy.script", "run", ["main", "getter"])
    for t in f.threads:
        f.step("other", t + " starts",
               changes=[["n", f.node(t, "thread"), PUBLISHED]])
    for name in ("ioas 1", "access 2", "access 3"):
        f.alloc(name)
        f.publish(name)
    f.take("access 2", "ioas 1")
    f.take("access 3", "ioas 1")
    f.drop("access 3", "ioas 1")
    m = f.on("getter").line(7, "ioas_iova_ranges $ioas")
    m["f"] = "busy.script"
    f.get("getter", "ioas 1")
    f.get("getter", "ioas 1")
    m2 = f.on("main", True).line(9, "destroy $ioas")
    m2["f"] = "busy.script"
    f.step("count", "ioas 1: users is 4, busy", "dec_if_one, held by getter, "
           "access 2", "do_remove main.c:320")
    f.steps[-1]["b"] = f.node("ioas 1")
    f.step("memory", "free memory with a name that is longer than there is "
           "room for in any column", "and with more about it, too",
           "iommufd_hw_queue_destroy_something_longer io_pagetable.c:1234")
    f.result(m2, "ret=-EBUSY")
    m["e"] = len(f.steps)
    return f.data()


def bare():
    """A test of something else: only threads and their locks are known."""
    f = Timeline("own structs", "failure", ["left", "right"])
    for t in f.threads:
        f.step("other", t + " starts",
               changes=[["n", f.node(t, "thread"), PUBLISHED]])
        f.on(t).lock("mutex", "left test.c:10")
        f.unlock("mutex", "left test.c:12")
    f.failure = {
        "kind": "leak", "text": "1 allocation left over", "thread": -1,
        "next": "", "nextsite": -1, "states": ["ended", "ended"],
        "places": [["at", "left test.c:9"]], "pins": "", "about": "",
        "report": "", "schedule": "", "command": "",
    }
    return f.data()


def large(steps=10000):
    """As large as it gets, and as unfriendly in its texts."""
    chance = random.Random(7)
    f = Timeline("10,000 steps " + "of_a_title_without_a_blank" * 5, "replay",
             [f"worker {i}" + ("_with_a_long_name" if i % 5 == 0 else "")
              for i in range(16)])
    kinds = ["ioas", "hwpt_paging", "hwpt_nested", "device", "viommu",
             "vdevice", "hw_queue", "access"]
    for i in range(80):
        f.node(f"{kinds[i * 8 // 80]} {i}" + (
            "_that_somebody_gave_a_very_long_name_indeed" if i == 9 else ""))
    f.nodes[11]["n"] = EVIL
    links = [(a, b) for b in range(60) for a in range(b // 10 * 10 + 10, 80)
             if a // 10 - b // 10 in (1, 2)]
    chance.shuffle(links)
    links = links[:150]
    alive, refs = set(), {}
    while len(f.steps) < steps:
        if chance.random() < .25:
            thread = chance.choice(f.threads)
            f.on(thread, chance.random() < .3)
        large_step(f, chance, links, alive, refs)
    for i in range(0, steps, 100):
        f.marks.append({"s": i, "e": min(i + 90, steps),
                        "t": f.steps[i]["t"], "l": i // 100,
                        "x": f"line {i // 100} {EVIL if i == 300 else ''}",
                        "r": "ret=0"})
    timeline = f.data()
    timeline["skipped"] = 1234
    timeline["title"] += EVIL
    return timeline


def large_step(f, chance, links, alive, refs):
    what = chance.random()
    name = chance.randrange(80)
    if what < .1 and name not in alive:
        alive.add(name)
        f.alloc(f.nodes[name]["n"])
    elif what < .2:
        f.lock(f"mutex of {f.nodes[name % 7]['n']}", "somewhere file.c:7",
               chance.choice([0, 1, 2]))
    elif what < .6:
        a, b = chance.choice(links)
        if a in alive and b in alive:
            have = refs.get((a, b), 0)
            by = 1 if have < 3 and chance.random() < .6 else -min(have, 1)
            if by:
                refs[a, b] = have + by
                f.count(f.nodes[a]["n"], f.nodes[b]["n"], "users", by,
                        "iommufd_something hw_pagetable.c:99")
    elif what < .62 and name in alive and not any(
            n for k, n in refs.items() if name in k):
        alive.remove(name)
        f.freed(f.nodes[name]["n"])
        f.depth = 0
    elif what < .8:
        f.step(chance.choice(["user", "other", "wait", "memory"]),
               "copy_from_user " + (EVIL if what > .79 else "ucmd.ubuffer"))


def one():
    f = Timeline("one step", "run", ["main"])
    f.alloc("ioas 1")
    return f.data()


def empty():
    return Timeline("no steps", "run", ["main"]).data()


TIMELINES = {"empty": empty, "one": one, "close-order": close_order,
             "after-put": after_put, "deadlock": deadlock, "busy": busy,
             "bare": bare, "large": large, "middle": lambda: large(1200),
             "not-a-timeline": lambda: '[1, "', "not-an-object": lambda: [],
             "no-timeline": lambda: "@TIMELINE" + "@"}


def write(template, directory, names=TIMELINES):
    """Writes pages to a directory; returns their paths."""
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    text = pathlib.Path(template).read_text(encoding="ascii")
    paths = []
    for name in names:
        paths.append(directory / (name + ".html"))
        paths[-1].write_text(page(text, TIMELINES[name]()), encoding="utf-8")
    return paths


if __name__ == "__main__":
    write(*sys.argv[1:3])
