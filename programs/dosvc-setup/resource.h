/*
 * dosvc-setup: numbers of texts
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

#ifndef __DOSVC_SETUP_RESOURCE_H
#define __DOSVC_SETUP_RESOURCE_H

#define IDS_HELP                100
#define IDS_HELP_VERBS          101
#define IDS_HELP_CODES          102
#define IDS_VERSION             103

#define IDS_NO_VERB             200
#define IDS_UNKNOWN_VERB        201
#define IDS_UNKNOWN_OPTION      202
#define IDS_TOO_MANY_ARGUMENTS  203
#define IDS_SEE_HELP            204
#define IDS_NOT_WINE            205
#define IDS_NO_64BIT_PROGRAM    206
#define IDS_LOCKED              207
#define IDS_CONTRADICTION       208

#define IDS_NO_SOURCE           300
#define IDS_MISSING_FILE        301
#define IDS_BUILTIN             302
#define IDS_INSTALLED           303
#define IDS_FILE_FAILED         304
#define IDS_STOP_FAILED         305
#define IDS_SERVICE_FAILED      306
#define IDS_PROXIES_FAILED      307
#define IDS_BITS_FAILED         308
#define IDS_UNINSTALLED         309
#define IDS_REMOVE_FAILED       310
#define IDS_NOT_INSTALLED       311
#define IDS_SELF_FAILED         312
#define IDS_HAS_DOWNLOADS       313
#define IDS_DELETED             314
#define IDS_LEFT_COUNT          315
#define IDS_NO_FRONT            316
#define IDS_HAS_BITS_JOBS       317
#define IDS_FRONT_NEEDS_BITS    318
#define IDS_FRONT_FAILED        319
#define IDS_JOURNAL             320  /* + enum registration_journal */
#define IDS_EVENT               330  /* + enum registration_event */
#define IDS_LEFT                340  /* + enum registration_state */
#define IDS_FRONT_REMOVED       350
#define IDS_FRONT_NOT_SAVED     351
#define IDS_FRONT_LEFT          352
#define IDS_FRONT_RESTART       353

#define IDS_STATUS              400
#define IDS_STATUS_SERVICE      401
#define IDS_STATUS_PID          402
#define IDS_STATUS_HEADER       403
#define IDS_STATUS_HEADER_64    404
#define IDS_STATUS_ROW          405
#define IDS_STATUS_ROW_64       406
#define IDS_STATE               410  /* + SERVICE_* */
#define IDS_OWNER               420  /* + enum registration_owner */
#define IDS_UNKNOWN_VERSION     430
#define IDS_STATUS_FRONT        440  /* + enum registration_front */
#define IDS_SAVED               443
#define IDS_NOT_SAVED           444

#define IDS_CHECK               500  /* + enum registration_state */
#define IDS_VERIFIED            510
#define IDS_NOT_VERIFIED        511
#define IDS_ACTIVATED           512
#define IDS_NOT_ACTIVATED       513
#define IDS_NO_32BIT            514
#define IDS_OTHER_VERSION       515
#define IDS_NOT_TRIED           516
#define IDS_BITS_ACTIVATED      517
#define IDS_BITS_NOT_ACTIVATED  518

#endif /* __DOSVC_SETUP_RESOURCE_H */
