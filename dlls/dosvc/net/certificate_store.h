/*
 * Certificates of clients in the stores of the system
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

#ifndef __DOSVC_CERTIFICATE_STORE_H
#define __DOSVC_CERTIFICATE_STORE_H

#include "base/types.h"

#define CERTIFICATE_HASH_SIZE 20 /* bytes; SHA-1 */

/* A certificate of a store, and where it is. Zero-initialised is none. */
struct stored_certificate
{
    DWORD location;  /* BG_CERT_STORE_LOCATION */
    WCHAR *store;    /* owned; NULL: there is no certificate */
    BYTE hash[CERTIFICATE_HASH_SIZE];
    WCHAR *subject;  /* owned; its simple name */
    void *element;   /* owned; serialized, as struct transfer_options has it; tells where the key is, and not the key */
    DWORD size;      /* of the element, in bytes */
};

/* Find the certificate of this hash, or the first one for clients whose subject contains this name; either is NULL.
 * ERROR_FILE_NOT_FOUND, as an HRESULT, if there is no such store, CRYPT_E_NOT_FOUND if it has no such certificate,
 * E_NOTIMPL if there is no such location. */
extern HRESULT stored_certificate_find(DWORD location, const WCHAR *store, const BYTE *hash, const WCHAR *name,
        struct stored_certificate *certificate);
/* Look up one of which only location, store and hash are known. Without success it has no element. E_OUTOFMEMORY is the
 * only error. */
extern HRESULT stored_certificate_load(struct stored_certificate *certificate);
extern void stored_certificate_clear(struct stored_certificate *certificate);

#endif /* __DOSVC_CERTIFICATE_STORE_H */
