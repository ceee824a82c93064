/*
 * testtool activate: how long an activation takes
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

/* One line for each activation, in milliseconds. */
int activate(int argc, WCHAR **argv)
{
    IBackgroundCopyManager *manager;
    unsigned int i, count = wcstoul(argv[0], NULL, 10);
    ULONGLONG start;
    HRESULT hr;

    for (i = 0; i < count; ++i)
    {
        start = get_time();
        if (FAILED(hr = open_manager(&manager)))
            return failed("activation", hr);
        printf("%u\n", (unsigned int)((get_time() - start) / 1000));
        IBackgroundCopyManager_Release(manager);
    }
    return 0;
}
