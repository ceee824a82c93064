/*
 * Changes of files that Wine calls done although they are not
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

#include "disk/file.h"
#include "base/base.h"

HRESULT file_delete(const WCHAR *path)
{
    DWORD error = DeleteFileW(path) ? ERROR_SUCCESS : GetLastError();

    if (GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES)
        return HRESULT_FROM_WIN32(error ? error : ERROR_ACCESS_DENIED);
    return error == ERROR_SUCCESS || error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND ? S_OK
            : HRESULT_FROM_WIN32(error);
}

HRESULT file_copy(const WCHAR *from, const WCHAR *to)
{
    HANDLE file;
    HRESULT hr;

    if (!CopyFileW(from, to, FALSE))
        return last_error();
    file = CreateFileW(to, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return last_error();
    hr = FlushFileBuffers(file) ? S_OK : last_error();
    CloseHandle(file);
    return hr;
}

HRESULT file_set_end(HANDLE file)
{
    LARGE_INTEGER position = {{0}}, size;

    if (!SetEndOfFile(file) || !SetFilePointerEx(file, position, &position, FILE_CURRENT)
            || !GetFileSizeEx(file, &size))
        return last_error();
    return size.QuadPart == position.QuadPart ? S_OK : HRESULT_FROM_WIN32(ERROR_DISK_FULL);
}
