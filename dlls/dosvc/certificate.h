/*
 * The certificate of a server
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

#endif /* __DOSVC_CERTIFICATE_H */
