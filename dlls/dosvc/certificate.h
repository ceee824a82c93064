/*
 * Certificates of servers and of clients
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

#ifndef __DOSVC_CERTIFICATE_H
#define __DOSVC_CERTIFICATE_H

#include "transfer.h"

#include "wincrypt.h"

/* Check the chain, the use, the dates and the name, except for what the flags
 * (SECURITY_FLAG_IGNORE_*) leave out. With WINHTTP_ENABLE_SSL_REVOCATION (1) among them nothing is
 * left out, and no certificate of the chain may be revoked. ERROR_WINHTTP_SECURE_FAILURE if it does
 * not pass; the reason is traced. May use the network for revocation lists, for 15 s at most. */
extern DWORD certificate_verify(const CERT_CONTEXT *certificate, const char *host, DWORD flags);

/* Shown to servers that ask for one, as a serialized store element (CertSerializeCertificateStoreElement), which tells
 * where the private key is. Shared by requests and connections; counted; functions take NULL for none. */
struct client_certificate
{
    LONG refcount;
    DWORD size; /* in bytes */
    BYTE data[];
};

/* NULL if out of memory. */
extern struct client_certificate *client_certificate_create(const void *data, DWORD size);
extern struct client_certificate *client_certificate_addref(struct client_certificate *certificate);
extern void client_certificate_release(struct client_certificate *certificate);
extern BOOL client_certificate_equals(const struct client_certificate *a, const struct client_certificate *b);
/* The caller frees the context. ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY if the key cannot be used. */
extern DWORD client_certificate_open(const struct client_certificate *certificate, const CERT_CONTEXT **context);

#endif /* __DOSVC_CERTIFICATE_H */
