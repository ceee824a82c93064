/*
 * Folder of what the service keeps: records and logs
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

/* The folder is that of Windows, unless DOModifyCacheDrive names another one when the service starts. Records and logs
 * that an earlier service has left in other folders are taken over. */

#ifndef __DOSVC_ROOT_H
#define __DOSVC_ROOT_H

#include <stdarg.h>

#include "windef.h"
#include "winbase.h"

/* Find the folder. */
extern HRESULT root_init(void);
/* Return the folder of the records, with the separator at its end. */
extern const WCHAR *root_get_state_folder(void);
/* Make that folder, and let nobody else read records in it, also those of earlier versions. */
extern HRESULT root_make_state_folder(void);
/* Take over the records of all folders that earlier services have used, and open the log. If the folder of
 * DOModifyCacheDrive does not take them all, that in which they are stays in use. What cannot be reached now is
 * remembered. */
extern void root_take_over(void);
/* Open the log in the folder, if it is not open. What was logged before is in it, too. */
extern void root_open_log(void);

#endif /* __DOSVC_ROOT_H */
