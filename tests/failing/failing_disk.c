/*
 * A disk that fails once, for programs that have this library preloaded
 *
 * Copyright 2026 the dosvc authors
 *
 * This library is free software; you can redistribute it and/or
 * modify it under the terms of the GNU Lesser General Public
 * License as published by the Free Software Foundation; either
 * version 2.1 of the License, or (at your option) any later version.
 *
 * This library is distributed in the hope that it will be useful,
 * but WITHOUT ANY WARRANTY; without even the implied warranty of
 * MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the GNU
 * Lesser General Public License for more details.
 *
 * You should have received a copy of the GNU Lesser General Public
 * License along with this library; if not, write to the Free Software
 * Foundation, Inc., 51 Franklin St, Fifth Floor, Boston, MA 02110-1301, USA
 */

/* Wine's files are read and written by the process that has them open, and opened, flushed, renamed and deleted by
 * its server: both have the library. Which operation fails, failing.h says. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "failing.h"

static struct failing *disk;

static void __attribute__((constructor)) map_disk(void)
{
    const char *path = getenv("DOSVC_DISK");
    void *page;
    int file;

    if (!path || (file = open(path, O_RDWR | O_CLOEXEC)) == -1)
        return;
    if ((page = mmap(NULL, sizeof(*disk), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)) != MAP_FAILED)
        disk = page;
    close(file);
}

/* Return whether the path is one of the folders, or in one of them. */
static int is_watched(const char *path)
{
    size_t length;
    int i;

    for (i = 0; i < FAILING_FOLDERS; ++i)
    {
        length = strlen(disk->folders[i]);
        if (length && !strncmp(path, disk->folders[i], length) && (path[length] == '/' || !path[length]))
            return 1;
    }
    return 0;
}

/* Return whether this operation fails; errno is set then. */
static int fails_at(const char *path)
{
    const char *name;

    if (!is_watched(path) || __atomic_fetch_sub(&disk->left, 1, __ATOMIC_SEQ_CST))
        return 0;
    name = strrchr(path, '/') + 1;
    snprintf(disk->name, sizeof(disk->name), "%s", name);
    __atomic_fetch_add(&disk->failures, 1, __ATOMIC_SEQ_CST);
    errno = disk->error;
    return 1;
}

/* Wine's paths lead through the links of dosdevices. */
static int fails_path(enum failing_kind kind, const char *path)
{
    char folder[PATH_MAX], full[PATH_MAX + NAME_MAX + 2];
    const char *slash = strrchr(path, '/');

    if (!disk || disk->kind != kind || strlen(path) >= sizeof(folder))
        return 0;
    snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash + 1 - path) : 1, slash ? path : ".");
    if (!realpath(folder, full) || strlen(path) - (slash ? slash + 1 - path : 0) > NAME_MAX)
        return 0;
    strcat(strcat(full, "/"), slash ? slash + 1 : path);
    return fails_at(full);
}

static int fails_file(enum failing_kind kind, int file)
{
    char link[40], path[PATH_MAX];
    ssize_t length;

    if (!disk || disk->kind != kind)
        return 0;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
    if ((length = readlink(link, path, sizeof(path) - 1)) == -1)
        return 0;
    path[length] = 0;
    return fails_at(path);
}

/* Define a function of libc that fails with -1 where FAILS, and does what libc does elsewhere. */
#define WRAP(type, name, parameters, arguments, fails) \
type name parameters \
{ \
    static type (*next) parameters; \
 \
    if (fails) \
        return -1; \
    if (!next) \
        next = dlsym(RTLD_NEXT, #name); \
    return next arguments; \
}

WRAP(ssize_t, write, (int file, const void *data, size_t size), (file, data, size), fails_file(FAIL_WRITE, file))
WRAP(ssize_t, pwrite, (int file, const void *data, size_t size, off_t at), (file, data, size, at),
        fails_file(FAIL_WRITE, file))
WRAP(ssize_t, pwrite64, (int file, const void *data, size_t size, off64_t at), (file, data, size, at),
        fails_file(FAIL_WRITE, file))
WRAP(ssize_t, writev, (int file, const struct iovec *parts, int count), (file, parts, count),
        fails_file(FAIL_WRITE, file))
WRAP(ssize_t, pwritev, (int file, const struct iovec *parts, int count, off_t at), (file, parts, count, at),
        fails_file(FAIL_WRITE, file))
WRAP(ssize_t, read, (int file, void *data, size_t size), (file, data, size), fails_file(FAIL_READ, file))
WRAP(ssize_t, pread, (int file, void *data, size_t size, off_t at), (file, data, size, at),
        fails_file(FAIL_READ, file))
WRAP(ssize_t, pread64, (int file, void *data, size_t size, off64_t at), (file, data, size, at),
        fails_file(FAIL_READ, file))
WRAP(int, fsync, (int file), (file), fails_file(FAIL_FLUSH, file))
WRAP(int, fdatasync, (int file), (file), fails_file(FAIL_FLUSH, file))
WRAP(int, ftruncate, (int file, off_t size), (file, size), fails_file(FAIL_RESIZE, file))
WRAP(int, ftruncate64, (int file, off64_t size), (file, size), fails_file(FAIL_RESIZE, file))
WRAP(int, rename, (const char *from, const char *to), (from, to), fails_path(FAIL_RENAME, to))
WRAP(int, renameat, (int folder, const char *from, int target, const char *to), (folder, from, target, to),
        fails_path(FAIL_RENAME, to))
WRAP(int, link, (const char *from, const char *to), (from, to), fails_path(FAIL_RENAME, to))
WRAP(int, unlink, (const char *path), (path), fails_path(FAIL_DELETE, path))
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode), fails_path(FAIL_CREATE, path))

/* Define a function that opens a file; its mode is there only where one is made. */
#define WRAP_OPEN(name, parameters, arguments) \
int name parameters \
{ \
    static int (*next)(); \
    mode_t mode = 0; \
    va_list list; \
 \
    if (flags & O_CREAT) \
    { \
        va_start(list, flags); \
        mode = va_arg(list, mode_t); \
        va_end(list); \
    } \
    if (fails_path(flags & O_CREAT ? FAIL_CREATE : FAIL_OPEN, path)) \
        return -1; \
    if (!next) \
        next = (int (*)())dlsym(RTLD_NEXT, #name); \
    return next arguments; \
}

WRAP_OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
WRAP_OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
WRAP_OPEN(openat, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
WRAP_OPEN(openat64, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
