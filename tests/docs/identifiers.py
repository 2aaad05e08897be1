#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""
identifiers.py TREE [--write] - which identifiers of a kernel two kinds of drivers
use, and which of them the ground has.  TREE is an unpacked kernel source.

An identifier counts if a source of the list uses it, if it is not defined in the
sources of its driver, and if a header below include/ or arch/ of the tree defines
or declares it: a function, a macro, a type or an enumerator.  Members of structs,
struct tags of hardware and words of the language do not count.  The ground has it
if a public header of this library defines or declares it as a name.

With --write the list goes to docs/ground-coverage.md.  No text of the tree is kept,
only names.
"""
import collections
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SMMU = 'drivers/iommu/arm/arm-smmu-v3/'
DRIVERS = [
    ('A vIOMMU with command queues',
     [SMMU + 'arm-smmu-v3-iommufd.c', SMMU + 'tegra241-cmdqv.c'],
     [SMMU + 'arm-smmu-v3.h', 'drivers/iommu/dma-iommu.h',
      'drivers/iommu/iommu-pages.h']),
    ('A mediated device', ['samples/vfio-mdev/mdpy.c'],
     ['samples/vfio-mdev/mdpy-defs.h']),
    ('A mediated device with interrupts', ['samples/vfio-mdev/mtty.c'], []),
]
# What is about hardware, by the header that has it, or by the name.
HARDWARE = re.compile(
    r'(^|/)(io\.h|io-64|pci|acpi|of\.h|of_|platform_device|dma-mapping|'
    r'dma-map|ioport|serial|irq\.h|msi|serial_reg|fb\.h|fourcc|screen_info)')
HARDWARE_NAME = re.compile(
    r'^(readl|writel|readq|writeq|ioread|iowrite|devm_ioremap|ioremap|iounmap|'
    r'acpi_|ACPI_|pci_|PCI_|platform_|dma_|dmam_|DRM_FORMAT|UART_|irq_|'
    r'IORESOURCE_|resource(_|$)|BASE$|STATUS$)')
VFIO = re.compile(r'^(vfio_|VFIO_|mdev_|MDEV_|to_vfio|MTYPE)')
# The parts of a kernel that no ground has to have, and why.
OTHER = [
    (re.compile(r'^iova_bitmap'), 'dirty tracking is left out'),
    (re.compile(r'^(raw_)?smp_'), 'threads are not bound to processors'),
    (re.compile(r'^(debugfs_|dentry$)'), 'debugfs: for people, no effect on lifetimes'),
    (re.compile(r'^(attribute|device_attribute|sysfs_|DEVICE_ATTR|'
                r'ATTRIBUTE_GROUPS|class_|class$|cdev|alloc_chrdev|'
                r'unregister_chrdev|MINORMASK|driver)'),
     'devices are not discovered and not shown in sysfs'),
    (re.compile(r'^(remap_|vm_fault|vmf_|vmalloc_|pgprot|io_remap|vm_)'),
     'there are no page tables'),
    (re.compile(r'^(iommu_|iommufd_|IOMMU|dev_iommu)'),
     'the IOMMU core is reduced to what affects lifetimes'),
]
WORDS = set('''auto break case char const continue default do double else enum
extern float for goto if inline int long register restrict return short signed
sizeof static struct switch typedef union unsigned void volatile while typeof
bool true false NULL define include ifdef ifndef endif undef pragma defined
__func__ static_assert_'''.split())


def strip(text):
    """Removes comments, strings and includes."""
    text = re.sub(r'/\*.*?\*/', ' ', text, flags=re.S)
    text = re.sub(r'//[^\n]*', ' ', text)
    text = re.sub(r'^\s*#\s*include[^\n]*', ' ', text, flags=re.M)
    text = re.sub(r'"(\\.|[^"\\\n])*"', ' ', text)
    return re.sub(r"'(\\.|[^'\\\n])*'", ' ', text)


def names_defined(text):
    """The names that a source or header defines or declares."""
    found = set(re.findall(r'^\s*#\s*define\s+(\w+)', text, flags=re.M))
    text = re.sub(r'^\s*#.*(\\\n.*)*', ' ', text, flags=re.M)
    found.update(re.findall(r'\b(?:struct|union|enum)\s+(\w+)\s*\{', text))
    # A function: what begins at the left edge, up to its parameters.
    found.update(re.findall(r'^[A-Za-z_][^;{}()=]*?\b(\w+)\s*\(', text,
                            flags=re.M))
    found.update(re.findall(r'^typedef\s[^;{}]*?\b(\w+)\s*(?:\[[^]]*\])?;',
                            text, flags=re.M))
    found.update(re.findall(r'^\}\s*(?:__\w+\s*)*(\w+)\s*;', text,
                            flags=re.M))
    for body in re.findall(r'\benum\b[^{;()]*\{([^}]*)\}', text):
        found.update(re.findall(r'(?:^|,)\s*(\w+)', body))
    found.update(re.findall(r'^(?:extern|static|const|struct|unsigned)\b'
                            r'[^;(){}=]*?\b(\w+)(?:\[[^]]*\])?\s*[;=]', text,
                            flags=re.M))
    return found


def names_used(text):
    """
    The names that a source uses and that may be a header's: what is called, what
    is a struct or a type, what is in capitals.  Not members, not variables.
    """
    text = re.sub(r'(\.|->)\s*\w+', ' ', text)
    text = re.sub(r'^\s*#\s*define\s+\w+', ' ', text, flags=re.M)
    found = set(re.findall(r'\b(\w+)\s*\(', text))
    found.update(re.findall(r'\b(?:struct|union|enum)\s+(\w+)', text))
    found.update(re.findall(r'\b[A-Z_][A-Z0-9_]{2,}\b', text))
    found.update(re.findall(r'\b\w+_t\b|\b__\w+\b|\b[us](?:8|16|32|64)\b|'
                            r'\bnoop_llseek\b|\bnonseekable_open\b|'
                            r'\bfallthrough\b', text))
    # Functions and types that are passed on: a table's and an argument's.
    found.update(re.findall(r'=\s*&?(\w+),', text))
    return {n for n in found if not n[0].isdigit()} - WORDS


def read(path):
    with open(path, encoding='utf-8', errors='replace') as file:
        return strip(file.read())


def headers_of(tree):
    """The names that headers of the tree have, with a header for each."""
    names = {}
    for top in ('include/linux', 'include/uapi', 'include/asm-generic',
                'include/vdso', 'include/drm', 'include/acpi',
                'arch/arm64/include', 'include/video'):
        for folder, _, files in sorted(os.walk(os.path.join(tree, top))):
            for file in sorted(files):
                if not file.endswith('.h'):
                    continue
                path = os.path.join(folder, file)
                for name in names_defined(read(path)):
                    names.setdefault(name, os.path.relpath(path, tree))
    return names


def ground():
    """The names that the headers of this library have."""
    names = set()
    for folder, _, files in os.walk(os.path.join(ROOT, 'include')):
        for file in files:
            text = read(os.path.join(folder, file))
            names |= names_defined(text)
            # Functions that a macro of the header makes, by their parts.
            names.update(re.findall(r'\bIOMMUFD_MODEL_\w+\((\w+),', text))
    return names | {'u8', 'u16', 'u32', 'u64', 'memcpy', 'memset', 'memcmp',
                    'snprintf', 'sprintf', 'strlen', 'strcmp', 'strncmp',
                    'sscanf', 'ffs', 'size_t', 'ssize_t', 'uintptr_t',
                    'offsetof', 'va_list', 'strdup', 'O_RDONLY', 'O_WRONLY',
                    'O_RDWR', 'uint8_t', 'uint16_t', 'uint32_t', 'uint64_t',
                    'dev_t'} | errnos()


def errnos():
    import errno
    return {name for name in vars(errno) if name.startswith('E')}


def mark(name, header, there):
    if name in there:
        return 'there', ''
    if HARDWARE_NAME.match(name) or HARDWARE.search(header):
        return 'hardware', ''
    if VFIO.match(name) or 'vfio' in header or 'mdev' in header:
        return 'vfio', ''
    for pattern, why in OTHER:
        if pattern.match(name):
            return 'no', why
    return 'no', 'not there yet'


def main():
    if len(sys.argv) < 2 or not os.path.isdir(
            os.path.join(sys.argv[1], 'include/linux')):
        sys.exit('identifiers.py TREE [--write]: TREE is a kernel source')
    tree = sys.argv[1]
    known, there = headers_of(tree), ground()
    version = dict(re.findall(r'^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION)'
                              r' = ?(\S*)$',
                              open(os.path.join(tree, 'Makefile')).read(),
                              flags=re.M))
    out, total = [], collections.Counter()
    for title, sources, own in DRIVERS:
        texts = [read(os.path.join(tree, s)) for s in sources]
        defined = set().union(*map(names_defined, texts))
        for path in own:
            path = os.path.join(tree, path)
            if os.path.exists(path):
                defined |= names_defined(read(path))
        used = set().union(*map(names_used, texts)) - defined
        used = sorted(n for n in used if n in known)
        marks = {n: mark(n, known[n], there) for n in used}
        count = collections.Counter(m for m, _ in marks.values())
        total.update(count)
        out += ['', '## ' + title, '',
                'Sources: ' + ', '.join('`%s`' % s for s in sources) + '.', '',
                figures(count), '']
        for kind, text in (('there', 'There'), ('hardware', 'Hardware access'),
                           ('vfio', 'Interface of vfio and mdev')):
            names = ['`%s`' % n for n in used if marks[n][0] == kind]
            if names:
                out += ['%s: %s.' % (text, ', '.join(names)), '']
        missing = [n for n in used if marks[n][0] == 'no']
        if missing:
            out += ['| not there | why |', '| --- | --- |']
            out += ['| `%s` | %s |' % (n, marks[n][1]) for n in missing]
    head = ['# Which identifiers of real drivers the ground has', '',
            'This page lists every identifier of a kernel (function, macro, '
            'type or enumerator of a header outside of the driver) that some '
            'drivers use, and says whether the ground has it. It is made by '
            '`tests/docs/identifiers.py TREE --write` from a kernel source, '
            'here of version %s.%s.%s%s. "There" means that a name is there; '
            '[ground.md](ground.md) says how much it does. vfio and mdev are '
            'another subsystem, as iommufd is, and are not part of the ground: '
            'their names are counted separately.' % (
                version['VERSION'], version['PATCHLEVEL'],
                version['SUBLEVEL'], version.get('EXTRAVERSION', '')), '',
            'All together: ' + figures(total)]
    text = '\n'.join(head + out).rstrip() + '\n'
    if '--write' in sys.argv:
        path = os.path.join(ROOT, 'docs/ground-coverage.md')
        open(path, 'w').write('<!-- SPDX-License-Identifier: '
                              'GPL-2.0-only OR MIT -->\n' + text)
    else:
        print(text)


def figures(count):
    ground_names = count['there'] + count['no']
    return ('%d identifiers; %d are hardware access and %d are of vfio and '
            'mdev. Of the other %d, %d are there (%d %%).' % (
                sum(count.values()), count['hardware'], count['vfio'],
                ground_names, count['there'],
                100 * count['there'] // max(ground_names, 1)))


main()
