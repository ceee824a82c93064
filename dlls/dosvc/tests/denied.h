/*
 * A folder that nobody can write to
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

/* A folder that nobody can write to: our own and closed to everyone, or one that even root cannot
 * write to, on Wine. */

#ifndef __DOSVC_TESTS_DENIED_H
#define __DOSVC_TESTS_DENIED_H

#include <aclapi.h>

struct denied_dir
{
    const WCHAR *dir; /* ends with a backslash */
    WCHAR own[MAX_PATH];
    ACL *acl;
};

static inline BOOL deny_writing(WCHAR *dir, ACL **acl)
{
    WCHAR everyone[] = L"EVERYONE";
    EXPLICIT_ACCESSW access = { 0 };

    access.grfAccessPermissions = FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY;
    access.grfAccessMode = DENY_ACCESS;
    access.Trustee.TrusteeForm = TRUSTEE_IS_NAME;
    access.Trustee.ptstrName = everyone;
    return !SetEntriesInAclW(1, &access, NULL, acl)
            && !SetNamedSecurityInfoW(dir, SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, NULL, NULL, *acl, NULL);
}

static inline BOOL is_denied(const WCHAR *dir)
{
    WCHAR path[MAX_PATH];
    HANDLE handle;

    handle = CreateFileW(join_path(path, dir, L"dosvc-probe"), GENERIC_WRITE, 0, NULL, CREATE_NEW,
            FILE_FLAG_DELETE_ON_CLOSE, NULL);
    if (handle == INVALID_HANDLE_VALUE)
        return GetLastError() == ERROR_ACCESS_DENIED;
    CloseHandle(handle);
    return FALSE;
}

/* FALSE if there is none; to be closed all the same. */
static inline BOOL denied_dir_open(struct denied_dir *denied)
{
    static const WCHAR sys[] = L"Z:\\sys\\";

    memset(denied, 0, sizeof(*denied));
    create_dir(denied->own);
    if (deny_writing(denied->own, &denied->acl) && is_denied(denied->own))
        denied->dir = denied->own;
    else if (is_denied(sys))
        denied->dir = sys;
    return denied->dir != NULL;
}

static inline void denied_dir_close(struct denied_dir *denied)
{
    SetNamedSecurityInfoW(denied->own, SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, NULL, NULL, NULL, NULL);
    RemoveDirectoryW(denied->own);
    LocalFree(denied->acl);
}

#endif /* __DOSVC_TESTS_DENIED_H */
