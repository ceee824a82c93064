/*
 * testtool addroot: trust a root certificate
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

#include "testtool.h"

#include <wincrypt.h>

/* The store of the current user, which is the service's user too. */
int add_root(int argc, WCHAR **argv)
{
    BYTE buffer[8192];
    HCERTSTORE store;
    size_t size;
    FILE *file;
    BOOL ret;

    if (!(file = _wfopen(argv[0], L"rb")))
        return failed("cannot open the certificate", HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    size = fread(buffer, 1, sizeof(buffer), file);
    fclose(file);
    if (!(store = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_CURRENT_USER, L"ROOT")))
        return failed("cannot open the store", HRESULT_FROM_WIN32(GetLastError()));
    ret = CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, buffer, size, CERT_STORE_ADD_REPLACE_EXISTING,
            NULL);
    if (!ret)
        failed("cannot add the certificate", HRESULT_FROM_WIN32(GetLastError()));
    CertCloseStore(store, 0);
    return ret ? 0 : 1;
}
