/*
 * Unit tests of net/auth.c
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
#include "sha256.h"
#include "net/auth.h"

static UINT allocations = ~0u;

void *test_calloc(size_t count, size_t size);
void *test_calloc(size_t count, size_t size)
{
    return allocations && allocations-- ? calloc(count, size) : NULL;
}

/* The hashes of the service are those of the system; these are of RFC 1321 and of FIPS 180-4 (sha256.h). */

static UINT rotate(UINT value, UINT bits)
{
    return value << bits | value >> (32 - bits);
}

/* Write the message with its padding. Return its size. */
static UINT pad(const BYTE *data, UINT size, BYTE *out)
{
    UINT64 bits = (UINT64)size * 8;
    UINT i, end = (size + 8) / 64 * 64 + 64;

    memset(out, 0, end);
    memcpy(out, data, size);
    out[size] = 0x80;
    for (i = 0; i < 8; i++)
        out[end - 8 + i] = bits >> 8 * i;
    return end;
}

static void md5_block(UINT state[4], const BYTE *block)
{
    static const UINT k[64] =
    {
        0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
        0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
        0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
        0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
        0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
        0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
        0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
        0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
    };
    static const BYTE shifts[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } };
    static const BYTE steps[4] = { 1, 5, 3, 7 }, starts[4] = { 0, 1, 5, 0 };
    UINT a = state[0], b = state[1], c = state[2], d = state[3], f, i, word, next;

    for (i = 0; i < 64; i++)
    {
        f = i < 16 ? (b & c) | (~b & d) : i < 32 ? (d & b) | (~d & c) : i < 48 ? b ^ c ^ d : c ^ (b | ~d);
        word = (steps[i / 16] * i + starts[i / 16]) % 16 * 4;
        word = block[word] | block[word + 1] << 8 | block[word + 2] << 16 | (UINT)block[word + 3] << 24;
        next = b + rotate(a + f + k[i] + word, shifts[i / 16][i % 4]);
        a = d;
        d = c;
        c = b;
        b = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

static BOOL has_hashes = TRUE;

static void md5(const void *data, UINT size, BYTE digest[16])
{
    UINT state[4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
    BYTE message[1024];
    UINT i, end = pad(data, size, message);

    for (i = 0; i < end; i += 64)
        md5_block(state, message + i);
    for (i = 0; i < 16; i++)
        digest[i] = state[i / 4] >> i % 4 * 8;
}

static BOOL get_hash(enum auth_hash hash, const void *data, UINT size, char hex[AUTH_HEX_MAX])
{
    BYTE digest[32];
    UINT i;

    if (hash == AUTH_SHA256)
        sha256(data, size, digest);
    else
        md5(data, size, digest);
    for (i = 0; i < (hash == AUTH_SHA256 ? 32 : 16); i++)
        sprintf(hex + 2 * i, "%02x", digest[i]);
    return has_hashes;
}

static void test_hashes(void)
{
    char hex[AUTH_HEX_MAX];

    get_hash(AUTH_MD5, "abc", 3, hex);
    ok(!strcmp(hex, "900150983cd24fb0d6963f7d28e17f72"), "got %s.\n", hex);
    get_hash(AUTH_SHA256, "abc", 3, hex);
    ok(!strcmp(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), "got %s.\n", hex);
}

/* Write what is found: the scheme, then the token or what Digest and Basic tell. */
static void describe(const char *values, enum auth_scheme scheme, char *text)
{
    struct auth_challenge challenge;

    strcpy(text, "-");
    if (!auth_find_challenge(values, scheme, &challenge))
        return;
    sprintf(text, "%.*s|%.*s|%.*s|%.*s|%u%s%s%s%s%s", (int)challenge.token.length,
            challenge.token.text ? challenge.token.text : "", (int)challenge.realm.length,
            challenge.realm.text ? challenge.realm.text : "", (int)challenge.nonce.length,
            challenge.nonce.text ? challenge.nonce.text : "", (int)challenge.opaque.length,
            challenge.opaque.text ? challenge.opaque.text : "", challenge.hash, challenge.is_session ? " sess" : "",
            challenge.has_qop ? " qop" : "", challenge.is_stale ? " stale" : "", challenge.is_utf8 ? " utf8" : "",
            challenge.hashes_user ? " user" : "");
}

static void test_challenges(void)
{
    static const struct
    {
        const char *values;
        enum auth_scheme scheme;
        const char *found;
    }
    tests[] =
    {
        { NULL, AUTH_BASIC, "-" },
        { "", AUTH_BASIC, "-" },
        { "Basic realm=\"x\"\n", AUTH_BASIC, "|x|||0" },
        { "bASIC REALM=x\n", AUTH_BASIC, "|x|||0" },
        { "Basic\n", AUTH_BASIC, "||||0" },
        { "Basic realm=\"x\", charset=\"UTF-8\"\n", AUTH_BASIC, "|x|||0 utf8" },
        { "Basic realm = \"a, b=\\\"c\\\"\"\n", AUTH_BASIC, "|a, b=\\\"c\\\"|||0" },
        { "Basic realm=\"x\n", AUTH_DIGEST, "-" },
        { "Digest realm=\"x\"\n", AUTH_DIGEST, "-" },
        { "Digest realm=\"x\", nonce=\"\"\n", AUTH_DIGEST, "-" },
        { "Digest realm=\"\", nonce=\"n\"\n", AUTH_DIGEST, "||n||0" },
        { "Digest nonce=n,realm=x\n", AUTH_DIGEST, "|x|n||0" },
        { "Digest realm=x, nonce=n, qop=\"auth\"\n", AUTH_DIGEST, "|x|n||0 qop" },
        { "Digest realm=x, nonce=n, qop=\"auth-int, auth\"\n", AUTH_DIGEST, "|x|n||0 qop" },
        { "Digest realm=x, nonce=n, qop=\"auth-int\"\n", AUTH_DIGEST, "-" },
        { "Digest realm=x, nonce=n, algorithm=SHA-256, stale=TRUE\n", AUTH_DIGEST, "|x|n||1 stale" },
        { "Digest realm=x, nonce=n, algorithm=MD5-sess, userhash=true\n", AUTH_DIGEST, "|x|n||0 sess user" },
        { "Digest realm=x, nonce=n, algorithm=SHA-512-256\n", AUTH_DIGEST, "-" },
        { "Digest realm=x, nonce=n, algorithm=SHA-512-256\nDigest realm=y, nonce=m, opaque=o\n", AUTH_DIGEST,
            "|y|m|o|0" },
        { "Digest realm=x, nonce=n, algorithm=SHA-256, Digest realm=y, nonce=m\n", AUTH_DIGEST, "|x|n||1" },
        { "Basic realm=\"x\", Digest realm=\"y\", nonce=\"n\"\n", AUTH_DIGEST, "|y|n||0" },
        { "Custom a=b, c=\"d\", Basic realm=\"x\"\n", AUTH_BASIC, "|x|||0" },
        { "Custom abc==, Basic realm=x\n", AUTH_BASIC, "|x|||0" },
        { " , ,Negotiate, NTLM, Basic realm=x\n", AUTH_NTLM, "||||0" },
        { "Negotiate\nNTLM\n", AUTH_NTLM, "||||0" },
        { "NTLM TlRMTVNTUAACAAAA\n", AUTH_NTLM, "TlRMTVNTUAACAAAA||||0" },
        { "NTLM TlRM/+=== , Basic realm=x\n", AUTH_BASIC, "|x|||0" },
        { "NTLM TlRM/+==\n", AUTH_NTLM, "TlRM/+==||||0" },
        { "Negotiate YII=, NTLM\n", AUTH_NEGOTIATE, "YII=||||0" },
        { "Basicrealm=x\n", AUTH_BASIC, "-" },
        { "\"Basic\"\n", AUTH_BASIC, "-" },
        { "=\nBasic realm=x\n", AUTH_BASIC, "|x|||0" },
    };
    char text[256];
    UINT i;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        describe(tests[i].values, tests[i].scheme, text);
        ok(!strcmp(text, tests[i].found), "BITS-082: %u: got %s.\n", i, text);
    }
}

static void test_basic(void)
{
    static const struct
    {
        const char *challenge;
        const WCHAR *user, *password;
        const char *answer;
    }
    tests[] =
    {
        /* RFC 7617, sections 2 and 2.1 */
        { "Basic realm=\"WallyWorld\"\n", L"Aladdin", L"open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" },
        { "Basic realm=\"foo\", charset=\"UTF-8\"\n", L"test", L"123\xa3", "Basic dGVzdDoxMjPCow==" },
        { "Basic realm=x\n", L"test", L"123\xa3", "Basic dGVzdDoxMjOj" },
        { "Basic realm=x\n", L"\x20ac", L"", "Basic 4oKsOg==" },
        { "Basic realm=x\n", L"\xd83d\xde00", L"\xd83d", "Basic 8J+YgDrvv70=" },
        { "Basic realm=x\n", L"", L"", "Basic Og==" },
    };
    struct auth_challenge challenge;
    struct auth_client client = {0};
    char *answer;
    UINT i, count;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        auth_find_challenge(tests[i].challenge, AUTH_BASIC, &challenge);
        client.user = tests[i].user;
        client.password = tests[i].password;
        answer = auth_answer_basic(&challenge, &client);
        ok(answer && !strcmp(answer, tests[i].answer), "BITS-074: %u: got %s.\n", i, answer);
        free(answer);
    }
    for (count = 0; count < 100; count++)
    {
        allocations = count;
        if ((answer = auth_answer_basic(&challenge, &client)))
            break;
    }
    allocations = ~0u;
    ok(answer && count == 3, "needs %u allocations.\n", count);
    free(answer);
}

#define RFC_NONCE  "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
#define RFC_OPAQUE "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
#define RFC_CNONCE "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
#define RFC_PARAMETERS "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", nonce=\"" RFC_NONCE \
        "\", opaque=\"" RFC_OPAQUE "\", algorithm="
#define RFC_ANSWER(name, algorithm, response) "Digest username=\"" name "\", realm=\"http-auth@example.org\", " \
        "nonce=\"" RFC_NONCE "\", uri=\"/dir/index.html\", algorithm=" algorithm ", response=\"" response "\", " \
        "opaque=\"" RFC_OPAQUE "\", qop=auth, nc=00000001, cnonce=\"" RFC_CNONCE "\""

static void test_digest(void)
{
    static const struct
    {
        const char *challenge;
        const WCHAR *user, *password;
        const char *nonce;
        UINT count;
        const char *answer;
    }
    tests[] =
    {
        /* RFC 7616, section 3.9.1 */
        { RFC_PARAMETERS "MD5\n", L"Mufasa", L"Circle of Life", RFC_CNONCE, 1,
            RFC_ANSWER("Mufasa", "MD5", "8ca523f5e9506fed4657c9700eebdbec") },
        { RFC_PARAMETERS "SHA-256\n", L"Mufasa", L"Circle of Life", RFC_CNONCE, 1,
            RFC_ANSWER("Mufasa", "SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1") },
        /* RFC 2617, section 3.5 */
        { "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
            "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"\n", L"Mufasa", L"Circle Of Life", "0a4f113b", 1,
            "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
            "uri=\"/dir/index.html\", response=\"6629fae49393a05397450978507c4ef1\", "
            "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\", qop=auth, nc=00000001, cnonce=\"0a4f113b\"" },
        /* RFC 2069, section 2.4, with the response of its errata */
        { "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
            "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"\n", L"Mufasa", L"CircleOfLife", "0a4f113b", 1,
            "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
            "uri=\"/dir/index.html\", response=\"1949323746fe6a43ef61f9606e7febea\", "
            "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"" },
        /* Computed by another implementation. */
        { "Digest realm=r, nonce=n, qop=auth, algorithm=MD5-sess\n", L"u\"x", L"p", "ab", 26,
            "Digest username=\"u\\\"x\", realm=\"r\", nonce=\"n\", uri=\"/dir/index.html\", algorithm=MD5-sess, "
            "response=\"4188115ff64b4b25c4baa2cbcfac2b95\", qop=auth, nc=0000001a, cnonce=\"ab\"" },
        { "Digest realm=\"a\\\"b\", nonce=n, qop=auth, algorithm=SHA-256, charset=UTF-8, "
            "userhash=true\n", L"\xe4", L"\x20ac", "cd", 1,
            "Digest username=\"2cf6cbc16eae835ba807bba2b2afbe8da604dce44dd5770ff3cd72a870ab40a0\", "
            "realm=\"a\\\"b\", "
            "nonce=\"n\", uri=\"/dir/index.html\", algorithm=SHA-256, "
            "response=\"6ab56e23de47a44542303deea30ea59b843dda2093a140aadcd32a0b288daec4\", qop=auth, nc=00000001, "
            "cnonce=\"cd\", userhash=true" },
    };
    struct auth_client client = { .method = "GET", .get_hash = get_hash, .target = { "/dir/index.html", 15 } };
    struct auth_challenge challenge;
    char *answer;
    UINT i, count;

    for (i = 0; i < ARRAY_SIZE(tests); i++)
    {
        ok(auth_find_challenge(tests[i].challenge, AUTH_DIGEST, &challenge), "%u: not found.\n", i);
        client.user = tests[i].user;
        client.password = tests[i].password;
        client.nonce = tests[i].nonce;
        client.count = tests[i].count;
        answer = auth_answer_digest(&challenge, &client);
        ok(answer && !strcmp(answer, tests[i].answer), "BITS-082: %u: got %s.\n", i, answer);
        free(answer);
    }
    has_hashes = FALSE;
    answer = auth_answer_digest(&challenge, &client);
    ok(!answer, "BITS-082: got %s.\n", answer);
    has_hashes = TRUE;
    for (count = 0; count < 100; count++)
    {
        allocations = count;
        if ((answer = auth_answer_digest(&challenge, &client)))
            break;
    }
    allocations = ~0u;
    ok(answer && !strcmp(answer, tests[ARRAY_SIZE(tests) - 1].answer), "BITS-082: got %s.\n", answer);
    ok(count > 3, "needs %u allocations.\n", count);
    free(answer);
}

int main(void)
{
    test_hashes();
    test_challenges();
    test_basic();
    test_digest();
    return report("auth");
}
