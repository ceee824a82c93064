/*
 * Credentials of jobs, and the dialogs with servers and proxies that ask for them
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

/* Names and passwords are in memory only, and never in a trace. */

#ifndef __DOSVC_CREDENTIALS_H
#define __DOSVC_CREDENTIALS_H

#include "net/auth.h"

/* Peers that ask. */
enum auth_target
{
    AUTH_SERVER, /* by 401 */
    AUTH_PROXY,  /* by 407 */
    AUTH_TARGET_COUNT,
};

struct credential
{
    BOOL is_set;
    WCHAR *user;     /* NULL: the user's own logon, for NTLM and Negotiate */
    WCHAR *password; /* or NULL */
};

/* Credentials that a job may answer with. Never changed, but shared by references; functions take NULL for none. */
struct credentials
{
    LONG refcount;
    struct credential entries[AUTH_TARGET_COUNT][AUTH_SCHEME_COUNT]; /* their texts are owned */
    BOOL is_proxy_logon; /* proxies get the user's own logon, where nothing else is set */
};

extern struct credentials *credentials_addref(struct credentials *credentials);
extern void credentials_release(struct credentials *credentials);
/* Return a copy with another entry, of which the texts are copied. NULL if out of memory. */
extern struct credentials *credentials_replace(const struct credentials *credentials, enum auth_target target,
        enum auth_scheme scheme, const struct credential *credential);
/* Return a copy with is_proxy_logon. NULL if out of memory. */
extern struct credentials *credentials_add_proxy_logon(const struct credentials *credentials);

/* A dialog with one server or proxy. Zero-initialised is one that has not begun; auth_dialog_end must follow. */
struct auth_dialog
{
    enum auth_target target;
    enum auth_scheme scheme;
    UINT rounds;        /* answers; 0: has not begun */
    UINT count;         /* requests that were written with the same challenge of Digest */
    char *challenges;   /* owned; the last ones */
    struct sspi *sspi;  /* owned; of NTLM and Negotiate */
    char *token;        /* owned; value of the field to be sent next, for these */
};

/* Find out whether the challenges, which are as in auth_find_challenge, can be answered. FALSE if they cannot, or not
 * any more: an answer that was refused is not given twice. May wait for programs and servers of the system. */
extern BOOL auth_dialog_answer(struct auth_dialog *dialog, const struct credentials *credentials,
        enum auth_target target, const char *host, const char *challenges);
/* Return whether the answer is of use on the connection of the challenge alone. */
extern BOOL auth_dialog_is_bound(const struct auth_dialog *dialog);
/* Write what the dialog has to say into a request. ERROR_OUTOFMEMORY is the only error. */
extern DWORD auth_dialog_write(struct auth_dialog *dialog, const struct credentials *credentials, char **message,
        UINT *size);
extern void auth_dialog_end(struct auth_dialog *dialog);

#endif /* __DOSVC_CREDENTIALS_H */
