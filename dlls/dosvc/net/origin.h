/*
 * Origins of URLs whose hosts have letters other than ASCII
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

#ifndef __DOSVC_ORIGIN_H
#define __DOSVC_ORIGIN_H

#include "base/url.h"

/* Split a URL, and return its origin with the host as the Domain Name System knows it. FALSE if there is none. */
extern BOOL origin_parse(const WCHAR *text, struct url *url, struct url_origin *origin);

#endif /* __DOSVC_ORIGIN_H */
