/*
 * Where the settings for proxies come from
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

#ifndef __DOSVC_PROXY_SOURCE_H
#define __DOSVC_PROXY_SOURCE_H

#include "proxy.h"

/* What to use for a request to that origin. script: the URL of one that has to tell, which the caller frees, or
 * NULL; then there is no proxy yet. */
extern void proxy_find(const struct url_origin *origin, BOOL is_loopback, struct proxy *proxy, WCHAR **script);
extern void proxy_source_cleanup(void);

#endif /* __DOSVC_PROXY_SOURCE_H */
