/*
 * Folders of the service
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

#ifndef __DOSVC_FOLDER_H
#define __DOSVC_FOLDER_H

#include "base/types.h"

struct file_list
{
    WCHAR **paths;
    UINT count;
    UINT capacity;
};

/* List the paths of the files in a folder whose names end with the extension; the name of the folder ends with a
 * separator. The folder may change while they are worked on. The caller frees the list, which is empty where the folder
 * is not there, and on failure. */
extern HRESULT folder_list_files(const WCHAR *folder, const WCHAR *extension, struct file_list *list);
extern void folder_free_list(struct file_list *list);

#endif /* __DOSVC_FOLDER_H */
