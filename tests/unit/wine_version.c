/*
 * Tests of the versions of Wine
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

#include "unit.h"
#include "wine_version.h"

static void test_versions(void)
{
    static const struct
    {
        const char *version;
        BOOL is_old;
    }
    tests[] =
    {
        { "7.0", TRUE },
        { "7.22", TRUE },
        { "7.0-rc3", TRUE },
        { "1.9.23", TRUE },
        { "6.0.4", TRUE },
        { "0.9.61", TRUE },
        { "8.0", FALSE },
        { "8.0-rc1", FALSE },
        { "8.21", FALSE },
        { "9.0", FALSE },
        { "10.0", FALSE },
        { "11.3", FALSE },
        { "100.0", FALSE },
        { "99999999999999999999.0", FALSE },
        /* Dates of snapshots, and what tells no version. */
        { "20050725", FALSE },
        { "7", FALSE },
        { "GE-Proton7-55", FALSE },
        { "", FALSE },
        { ".7", FALSE },
        { "-7.0", FALSE },
    };
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
        ok(wine_version_is_old(tests[i].version) == tests[i].is_old, "CLI-009: %s.\n", tests[i].version);
}

int main(void)
{
    test_versions();
    return report("wine_version");
}
