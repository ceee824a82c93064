/*
 * Challenges of HTTP, and the answers that need no dialog
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

/* Pure (RFC 7617 and 7616). */

#ifndef __DOSVC_AUTH_H
#define __DOSVC_AUTH_H

#include "base/text.h"
#include "base/types.h"

/* Schemes in the order in which they are preferred. */
enum auth_scheme
{
    AUTH_NEGOTIATE,
    AUTH_NTLM,
    AUTH_DIGEST,
    AUTH_BASIC,
    AUTH_SCHEME_COUNT,
};

enum auth_hash
{
    AUTH_MD5,
    AUTH_SHA256,
};

#define AUTH_HEX_MAX 65 /* characters of a hash in hexadecimal digits, with the terminator */

/* A challenge of one scheme; the texts are parts of a field, and may have escapes. */
struct auth_challenge
{
    enum auth_scheme scheme;
    struct slice token;  /* of a dialog, in base64; empty at its begin */
    struct slice realm, nonce, opaque; /* the rest is of Digest */
    struct slice algorithm; /* as sent; no text: MD5 is meant */
    enum auth_hash hash;
    BOOL is_session;     /* an algorithm that ends in -sess */
    BOOL has_qop;        /* and auth among them */
    BOOL has_opaque;
    BOOL is_stale;       /* the last answer was right, but for the nonce */
    BOOL is_utf8;        /* names and passwords are sent in UTF-8 */
    BOOL hashes_user;
    BOOL is_known;       /* can be answered */
};

/* Find the challenge of a scheme that can be answered; of several the first. values: those of WWW-Authenticate or
 * Proxy-Authenticate, each ended by LF, or NULL. */
extern BOOL auth_find_challenge(const char *values, enum auth_scheme scheme, struct auth_challenge *challenge);

/* Client and request that an answer is for. */
struct auth_client
{
    const WCHAR *user, *password;
    const char *method;
    struct slice target; /* of the request line */
    const char *nonce;   /* of the client: hexadecimal digits, random */
    UINT count;          /* of requests with the nonce of the server, from 1 on */
    /* Write the hash of these bytes in hexadecimal digits of lower case. FALSE if the system has no such hash. */
    BOOL (*get_hash)(enum auth_hash hash, const void *data, UINT size, char hex[AUTH_HEX_MAX]);
};

/* Return the value of Authorization or Proxy-Authorization, which the caller frees; NULL if out of memory. */
extern char *auth_answer_basic(const struct auth_challenge *challenge, const struct auth_client *client);
extern char *auth_answer_digest(const struct auth_challenge *challenge, const struct auth_client *client);

#endif /* __DOSVC_AUTH_H */
