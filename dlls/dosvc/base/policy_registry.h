/*
 * Settings that administrators make, as the registry has them
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

#ifndef __DOSVC_POLICY_REGISTRY_H
#define __DOSVC_POLICY_REGISTRY_H

#include "base/policy_rules.h"

#include "winreg.h"

enum policy_provider
{
    PROVIDER_DEFAULT, /* nobody has set a value */
    PROVIDER_SETTINGS,
    PROVIDER_POLICY,
};

struct policy_place
{
    HKEY root;
    const WCHAR *path; /* in the registry of 64-bit programs */
    enum policy_provider provider;
};

/* Places of Delivery Optimization: the first that has a value counts. Programs write to the last one. */
#define POLICY_PLACE_COUNT 3
extern const struct policy_place policy_places[POLICY_PLACE_COUNT];
/* Place of the policies of BITS, which both services obey. */
extern const struct policy_place policy_bits_place;

struct policy_value
{
    enum policy_provider provider;
    DWORD number;
    WCHAR *text;           /* of a text or a list; owned */
    const WCHAR *rejected; /* name of a value that was passed over, since its type or number will not do; or NULL */
};

/* Read a setting from the first of the places that has it; a policy of BITS from its own place. The caller frees the
 * text. */
extern void policy_read(enum policy policy, const struct policy_place *places, UINT count,
        struct policy_value *value);
/* Return when a value of this place last changed, as a FILETIME; 0 if there is none. */
extern UINT64 policy_place_time(const struct policy_place *place);

#endif /* __DOSVC_POLICY_REGISTRY_H */
