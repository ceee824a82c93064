/*
 * Proxy settings
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
#include "proxy.h"

static void test_is_used(void)
{
    static const struct
    {
        const WCHAR *proxies, *bypass;
        const WCHAR *host;
        BOOL is_secure, is_used;
    }
    tests[] =
    {
        { NULL, NULL, L"h", FALSE, FALSE },
        { L"", NULL, L"h", FALSE, FALSE },
        { L" ; ", NULL, L"h", FALSE, FALSE },
        { L"proxy:3128", NULL, L"h", FALSE, TRUE },
        { L"proxy:3128", NULL, L"h", TRUE, TRUE },
        { L"http=proxy:3128", NULL, L"h", FALSE, TRUE },
        { L"http=proxy:3128", NULL, L"h", TRUE, FALSE },
        { L"ftp=x; HTTPS=proxy:3128", NULL, L"h", TRUE, TRUE },
        { L"ftp=x socks=y", NULL, L"h", FALSE, FALSE },
        { L"proxy", L"", L"h", FALSE, TRUE },
        { L"proxy", L"<local>", L"h", FALSE, FALSE },
        { L"proxy", L"<local>", L"h.x", FALSE, TRUE },
        { L"proxy", L"<local>", L"::1", FALSE, TRUE },
        { L"proxy", L"*.example.com", L"a.b.Example.COM", FALSE, FALSE },
        { L"proxy", L"*.example.com", L"example.com", FALSE, TRUE },
        { L"proxy", L"example.com", L"example.com.org", FALSE, TRUE },
        { L"proxy", L"127.*;10.*.1", L"10.2.3.1", FALSE, FALSE },
        { L"proxy", L"127.*;10.*.1", L"10.2.3.2", FALSE, TRUE },
        { L"proxy", L"*", L"h", FALSE, FALSE },
        { L"proxy", L"a**b", L"ab", FALSE, FALSE },
    };
    BOOL used;
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        UINT length = 0;

        while (tests[i].host[length])
            length++;
        used = proxy_is_used(tests[i].proxies, tests[i].bypass, tests[i].host, length, tests[i].is_secure);
        ok(used == tests[i].is_used, "%u: got %d.\n", i, used);
    }
}

int main(void)
{
    test_is_used();
    return report("proxy");
}
