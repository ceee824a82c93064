/*
 * Getting dosvc into a prefix and out of it
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

/* Installation of dosvc into a Wine prefix, and its removal (documentation/registration.md).
 *
 * The tables of table.c have every file, registry value and service setting. Overwritten values and files are kept in
 * a journal (journal.c) and come back when dosvc is unregistered. If the journal is lost, Wine's own values come
 * back, and those recognised as ours are removed. All functions may be called any number of times. Functions that
 * return DWORD return a Win32 error code.
 *
 * The BITS front is our qmgr.dll in place of Wine's, and the classes of the later versions of BITS. It is installed
 * and removed by itself.
 *
 * A view is 0 for the registry of the prefix's own width, or KEY_WOW64_32KEY for that of the 32-bit programs in a
 * 64-bit prefix. */

#ifndef __DOSVC_REGISTRATION_H
#define __DOSVC_REGISTRATION_H

#include <stdarg.h>

#include "windef.h"
#include "winbase.h"
#include "winreg.h"

#include "names.h"

/* Class of the proxies and stubs in dosvcps.dll. The first form initializes a CLSID. */
#define DOSVC_PROXY_CLSID      {0xc195757f, 0x1f98, 0x4eed, {0x82, 0x13, 0x07, 0x9a, 0xa4, 0xd1, 0x68, 0x41}}
#define DOSVC_PROXY_CLSID_TEXT L"{C195757F-1F98-4EED-8213-079AA4D16841}"

#define DOSVC_CLSID_TEXT       L"{5B99FA76-721C-423C-ADAC-56D03C8A8007}"
#define DOSVC_APPID_TEXT       L"{379001DE-7108-4A45-8A74-6CD0A9FBEF2C}"

/* Class and AppID of BITS, which Wine registers. */
#define BITS_CLSID_TEXT        L"{4991D34B-80A1-4291-83B6-3328366B9097}"
#define BITS_APPID_TEXT        L"{69AD4AEE-51BE-439B-A92C-86AE490E8B30}"

struct registration_interface
{
    const WCHAR *name;
    const WCHAR *iid;
    const WCHAR *methods;  /* slots, IUnknown's included */
    BOOL is_bits;          /* Wine has proxies of its own for it */
};

extern const struct registration_interface registration_interfaces[];
extern const unsigned int registration_interface_count;

struct registration_file
{
    const WCHAR *name;
    const WCHAR *build_dir; /* its folder below BUILD/ARCH in a build tree */
    BOOL is_32bit;          /* for the 32-bit programs of a 64-bit prefix */
    BOOL is_setup;          /* the setup program, which may be running */
    BOOL is_front;          /* the BITS front, for prefixes that have it */
};

extern const struct registration_file registration_files[];
extern const unsigned int registration_file_count;

/* Return the view that belongs to the width of the calling process. */
extern REGSAM registration_get_own_view(void);
extern BOOL registration_is_wow64(void);       /* TRUE for a 32-bit process in a 64-bit prefix */
extern BOOL registration_is_64bit_prefix(void);
/* Return whether the prefix has a folder for 32-bit DLLs beside the 64-bit ones. */
extern BOOL registration_has_32bit_dlls(void);

/* Wait until no other process changes the prefix, and keep others out until this process ends. Without this call each
 * function takes the lock for itself. FALSE if the others take too long. */
extern BOOL registration_lock(void);

enum registration_event
{
    REGISTRATION_RECOGNIZED, /* removed, because its content is ours */
    REGISTRATION_REGISTERED, /* a DLL of Wine's, to restore its values */
};

/* Callback that learns of each step to mend a lost journal. */
typedef void (*registration_listener)(enum registration_event event, const WCHAR *subject);
extern void registration_set_listener(registration_listener listener);

enum registration_journal
{
    REGISTRATION_JOURNAL_INTACT,
    REGISTRATION_JOURNAL_ONE_COPY, /* damaged in the other one; the next registration mends it */
    REGISTRATION_JOURNAL_LOST,     /* all or in part */
};

/* Return the condition of the journal: INTACT, too, if nothing is installed. */
extern enum registration_journal registration_check_journal(void);
/* Mark the journal as complete again, after all has been registered or unregistered. */
extern void registration_settle_journal(void);

/* Register service, class and AppID, in all views. Unregistering stops the service. */
extern DWORD registration_register_service(void);
extern DWORD registration_unregister_service(void);

/* Register the interfaces for which only dosvc has proxies, and the class of the proxies. The path is that of the
 * dosvcps.dll of this view's width. */
extern DWORD registration_register_proxies(REGSAM view, const WCHAR *path);
extern DWORD registration_unregister_proxies(REGSAM view);

/* Take over the interfaces that dosvc shares with BITS, and give them back. Needs registration_register_proxies. */
extern DWORD registration_register_bits(REGSAM view);
extern DWORD registration_unregister_bits(REGSAM view);

/* Register the classes of BITS that Wine does not have, and remove them. */
extern DWORD registration_register_front(REGSAM view);
extern DWORD registration_unregister_front(REGSAM view);

/* Have clients that ask for Wine's class of BITS get that of BITS 1.5, as long as the prefix runs. Unregistering the
 * front ends that. */
extern DWORD registration_divert_class(REGSAM view);
extern BOOL registration_is_class_diverted(void);

/* Stop a service and wait until its process has ended. A service that does not stop within 20 s is ended by force.
 * ERROR_SUCCESS also when there is no service or it does not run. */
extern DWORD registration_stop_service(const WCHAR *name);
/* Return SERVICE_STOPPED and so on, or 0 if there is no such service. */
extern DWORD registration_get_service_state(const WCHAR *name, DWORD *pid);

enum registration_front
{
    REGISTRATION_FRONT_NONE,
    REGISTRATION_FRONT_LOST, /* not in place: a rebuilt prefix, or an installation that was cut short */
    REGISTRATION_FRONT_ACTIVE,
};

extern enum registration_front registration_get_front(void);
/* Return whether the file that the front displaced is there to come back. */
extern BOOL registration_has_saved_front(void);
/* Return the row of qmgr.dll in registration_files. */
extern const struct registration_file *registration_get_front_file(void);
/* Stop the service BITS before the front goes, so that it leaves nothing with RpcSs that would lead clients to it. */
extern DWORD registration_retire_front(void);

/* Write the full path where a file belongs to path[MAX_PATH]. */
extern void registration_get_file_path(const struct registration_file *file, WCHAR *path);
/* Return whether this prefix needs the file. */
extern BOOL registration_is_file_wanted(const struct registration_file *file);
/* Copy a file to its place, also while the old one is in use. A foreign file in the way is kept. */
extern DWORD registration_install_file(const struct registration_file *file, const WCHAR *source);
/* Remove a file that was installed, and bring back the file that it displaced. A file in use is moved out of the way if
 * the caller wants that, to be deleted when the prefix next starts; otherwise ERROR_SHARING_VIOLATION. */
extern DWORD registration_remove_file(const struct registration_file *file, BOOL can_move);
/* Return whether this is a DLL or program of Wine itself. */
extern BOOL registration_is_wine_file(const WCHAR *path);

/* Call the function for each file of the jobs and downloads of a service: the temporary files, and the records that
 * name them. */
typedef void (*registration_file_func)(void *context, const WCHAR *path);
extern void registration_for_each_download_file(const WCHAR *service, registration_file_func func, void *context);
/* Remove the folders of a service's records, when these are gone. */
extern void registration_remove_state_folders(const WCHAR *service);

/* Return whether anything is registered or installed. */
extern BOOL registration_is_installed(void);
extern BOOL registration_is_registered(void);

enum registration_state
{
    REGISTRATION_OK,
    REGISTRATION_MISSING,
    REGISTRATION_WRONG,
};

typedef void (*registration_check)(void *context, const WCHAR *subject, enum registration_state state);

/* Compare each row of the tables with the prefix. The interfaces and classes of BITS count only where they have been
 * taken over. */
extern void registration_verify(registration_check check, void *context);

/* Check, after all has been unregistered, for values of ours that are still there (WRONG) and for values of Wine that
 * are not (MISSING). */
extern void registration_find_left(registration_check check, void *context);

enum registration_owner
{
    REGISTRATION_OWNER_NONE,
    REGISTRATION_OWNER_DOSVC,
    REGISTRATION_OWNER_OTHER,
};

/* Return whose proxies carry an interface in this view. */
extern enum registration_owner registration_get_owner(const struct registration_interface *iface, REGSAM view);

#endif /* __DOSVC_REGISTRATION_H */
