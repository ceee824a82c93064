/*
 * dosvc-setup: verbs and helpers
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

#ifndef __DOSVC_SETUP_H
#define __DOSVC_SETUP_H

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "windef.h"
#include "winbase.h"
#include "winuser.h"
#include "objbase.h"

#include "registration.h"
#include "resource.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

enum exit_code
{
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_NOT_INSTALLED = 5,
};

struct options
{
    BOOL with_bits;  /* install the BITS front, or remove it alone */
    BOOL without_bits;
    BOOL force;
    BOOL purge;
    BOOL keep_downloads;
    const WCHAR *source; /* NULL if not given */
};

extern int __cdecl wmain(int argc, WCHAR **argv);

/* The verbs. Each tells the user what it did or why it could not. */
extern enum exit_code install_run(const struct options *options);
extern enum exit_code uninstall_run(const struct options *options);
extern enum exit_code status_run(const struct options *options);
extern enum exit_code verify_run(const struct options *options);

/* downloads.c */

/* Fail, and tell the user, if downloads are to be kept and one is neither completed nor cancelled. */
extern enum exit_code check_downloads(const struct options *options);
/* Return the number of downloads and jobs that the service knows. */
extern unsigned int count_downloads(void);
/* End the service with all downloads, and tell which files were deleted. */
extern enum exit_code delete_downloads(const struct options *options);

/* Delete the records of a service's jobs and their temporary files, and tell of each file. */
extern enum exit_code delete_records(const WCHAR *service);

/* front.c: the BITS front */

/* Fail, and tell the user, if the installation would end jobs that Wine's BITS transfers, or keep proxies from the
 * front. */
extern enum exit_code check_front(const struct options *options);
extern enum exit_code register_front(void);
/* Remove the front, if there is one. */
extern enum exit_code remove_front(const struct options *options);
/* Return the number of jobs that Wine's BITS transfers or is about to. */
extern unsigned int count_bits_jobs(void);
/* Return whether clients of BITS are referred to a process that is gone. */
extern BOOL is_bits_class_dead(void);

/* install.c, for both directions: tell of a damaged journal, and of each step to mend it from now on. */
extern void begin_change(void);

/* status.c: tell of a journal that is not intact. TRUE if it is intact. */
extern BOOL check_journal(void);

/* activate.c: start the service as any client does, and tell the user. The results differ from all exit codes: a Wine
 * without 32-bit support pretends to run a 32-bit program, with the exit code 0. */

enum activation
{
    ACTIVATION_WORKS = 10,
    ACTIVATION_FAILS = 11,
};

extern enum activation activate(void);
/* Activate BITS, whose jobs have to be those of the front. */
extern enum activation activate_bits(void);

extern const struct registration_interface *find_interface(const WCHAR *name);
/* Get an interface of an object by its name; NULL if it has none. */
extern IUnknown *get_interface(IUnknown *object, const WCHAR *name);
/* Get the manager of a service, through a proxy. COM has to be initialized. */
extern HRESULT create_manager(const WCHAR *clsid, const WCHAR *interface_name, void **manager);

/* text.c: texts are from the resources, with inserts as of FormatMessage. */

extern void print(UINT id, ...);        /* to standard output */
extern void print_error(UINT id, ...);  /* to standard error */
extern void load_text(UINT id, WCHAR *text, unsigned int length);

/* process.c */

extern BOOL exists(const WCHAR *path);
extern enum exit_code stop_service(const WCHAR *name);

/* Run a program with a command line and wait for it. Returns a Win32 error. */
extern DWORD run_program(const WCHAR *path, const WCHAR *command, DWORD *exit_code);
/* Have the files that are left removed when this program has ended. Returns a Win32 error, at once. */
extern DWORD remove_self(void);
/* The other half of remove_self, in the process that it starts: wait for the program with this handle. */
extern enum exit_code finish_removal(const WCHAR *handle);

#endif /* __DOSVC_SETUP_H */
