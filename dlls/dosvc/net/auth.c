/*
 * Challenges of HTTP, and the answers that need no dialog
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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/url.h"
#include "net/auth.h"

/* Parsing of challenges. A field has several, between commas, as have their parameters; several fields count as one. */

static BOOL is_token_char(int c)
{
    return (text_lower(c) >= 'a' && text_lower(c) <= 'z') || text_is_digit(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static BOOL is_token68_char(int c)
{
    return (text_lower(c) >= 'a' && text_lower(c) <= 'z') || text_is_digit(c) || (c && strchr("-._~+/", c));
}

static void skip(struct slice *text, UINT length)
{
    text->text += length;
    text->length -= length;
}

static void skip_blanks(struct slice *text, BOOL skips_commas)
{
    while (text->length && (text_is_blank(*text->text) || (skips_commas && *text->text == ',')))
        skip(text, 1);
}

static BOOL take_token(struct slice *text, struct slice *token)
{
    UINT length = 0;

    while (length < text->length && is_token_char(text->text[length]))
        length++;
    token->text = text->text;
    token->length = length;
    skip(text, length);
    return length != 0;
}

/* Take a text of base64 that stands alone, up to a comma or the end. */
static BOOL take_token68(struct slice *text, struct slice *token)
{
    struct slice rest = *text;
    UINT length = 0;

    while (length < rest.length && is_token68_char(rest.text[length]))
        length++;
    if (!length)
        return FALSE;
    while (length < rest.length && rest.text[length] == '=')
        length++;
    skip(&rest, length);
    skip_blanks(&rest, FALSE);
    if (rest.length && *rest.text != ',')
        return FALSE;
    token->text = text->text;
    token->length = length;
    *text = rest;
    return TRUE;
}

/* Take a token or a quoted string, whose escapes stay. FALSE if it does not end. */
static BOOL take_value(struct slice *text, struct slice *value)
{
    UINT length = 1;

    if (!text->length || *text->text != '"')
        return take_token(text, value);
    while (length < text->length && text->text[length] != '"')
        length += text->text[length] == '\\' ? 2 : 1;
    if (length >= text->length)
        return FALSE;
    value->text = text->text + 1;
    value->length = length - 1;
    skip(text, length + 1);
    return TRUE;
}

/* Take "name = value". FALSE, and nothing is taken, if that is not what comes next. */
static BOOL take_parameter(struct slice *text, struct slice *name, struct slice *value)
{
    struct slice rest = *text;

    if (!take_token(&rest, name))
        return FALSE;
    skip_blanks(&rest, FALSE);
    if (!slice_skip(&rest, "="))
        return FALSE;
    skip_blanks(&rest, FALSE);
    if (!take_value(&rest, value))
        return FALSE;
    *text = rest;
    return TRUE;
}

static BOOL set_algorithm(struct auth_challenge *challenge, const struct slice *value)
{
    static const struct
    {
        const char *name;
        enum auth_hash hash;
        BOOL is_session;
    }
    algorithms[] =
    {
        { "md5", AUTH_MD5 },
        { "md5-sess", AUTH_MD5, TRUE },
        { "sha-256", AUTH_SHA256 },
        { "sha-256-sess", AUTH_SHA256, TRUE },
    };
    UINT i;

    for (i = 0; i < ARRAY_SIZE(algorithms); i++)
    {
        if (!slice_equals(value, algorithms[i].name))
            continue;
        challenge->algorithm = *value;
        challenge->hash = algorithms[i].hash;
        challenge->is_session = algorithms[i].is_session;
        return TRUE;
    }
    return FALSE;
}

static BOOL has_auth(struct slice list)
{
    struct slice item;

    while (slice_take_part(&list, ",", &item))
    {
        if (slice_equals(&item, "auth"))
            return TRUE;
    }
    return FALSE;
}

static void set_parameter(struct auth_challenge *challenge, const struct slice *name, const struct slice *value)
{
    if (slice_equals(name, "realm"))
        challenge->realm = *value;
    else if (slice_equals(name, "nonce"))
        challenge->nonce = *value;
    else if (slice_equals(name, "stale"))
        challenge->is_stale = slice_equals(value, "true");
    else if (slice_equals(name, "charset"))
        challenge->is_utf8 = slice_equals(value, "utf-8");
    else if (slice_equals(name, "userhash"))
        challenge->hashes_user = slice_equals(value, "true");
    else if (slice_equals(name, "algorithm"))
        challenge->is_known &= set_algorithm(challenge, value);
    else if (slice_equals(name, "opaque"))
    {
        challenge->opaque = *value;
        challenge->has_opaque = TRUE;
    }
    else if (slice_equals(name, "qop"))
    {
        challenge->has_qop = TRUE;
        challenge->is_known &= has_auth(*value);
    }
}

/* Take the next challenge, of whatever scheme. FALSE at the end, or where the rest cannot be read. */
static BOOL take_challenge(struct slice *text, struct auth_challenge *challenge)
{
    static const char * const names[AUTH_SCHEME_COUNT] = { "negotiate", "ntlm", "digest", "basic" };
    struct slice name, value;

    memset(challenge, 0, sizeof(*challenge));
    skip_blanks(text, TRUE);
    if (!take_token(text, &name) || (text->length && !text_is_blank(*text->text) && *text->text != ','))
        return FALSE;
    while (challenge->scheme < AUTH_SCHEME_COUNT && !slice_equals(&name, names[challenge->scheme]))
        challenge->scheme++;
    challenge->is_known = challenge->scheme < AUTH_SCHEME_COUNT;
    skip_blanks(text, FALSE);
    if (take_token68(text, &challenge->token))
        return TRUE;
    skip_blanks(text, TRUE);
    while (take_parameter(text, &name, &value))
    {
        set_parameter(challenge, &name, &value);
        skip_blanks(text, TRUE);
    }
    if (challenge->scheme == AUTH_DIGEST)
        challenge->is_known &= challenge->realm.text && challenge->nonce.length;
    return TRUE;
}

BOOL auth_find_challenge(const char *values, enum auth_scheme scheme, struct auth_challenge *challenge)
{
    struct slice rest = { values, values ? strlen(values) : 0 }, line;

    while (slice_take_part(&rest, "\n", &line))
    {
        while (take_challenge(&line, challenge))
        {
            if (challenge->is_known && challenge->scheme == scheme)
                return TRUE;
        }
    }
    return FALSE;
}

/* Text that grows. */
struct text
{
    char *chars; /* owned; ended by a zero */
    UINT length, capacity;
    BOOL has_failed; /* out of memory, or a hash is missing */
};

static void append(struct text *text, const char *chars, UINT length)
{
    UINT capacity = max(text->capacity, 256);
    char *grown;

    if (text->has_failed)
        return;
    while (capacity - text->length <= length)
        capacity *= 2;
    if (capacity != text->capacity)
    {
        if (!(grown = calloc(1, capacity)))
        {
            text->has_failed = TRUE;
            return;
        }
        if (text->length)
            memcpy(grown, text->chars, text->length);
        if (text->chars)
            memset(text->chars, 0, text->length);
        free(text->chars);
        text->chars = grown;
        text->capacity = capacity;
    }
    memcpy(text->chars + text->length, chars, length);
    text->length += length;
    text->chars[text->length] = 0;
}

static void append_text(struct text *text, const char *chars)
{
    append(text, chars, strlen(chars));
}

static void append_slice(struct text *text, const struct slice *slice)
{
    append(text, slice->text, slice->length);
}

/* Append a character as UTF-8, with a replacement for half a surrogate pair, or as a byte. */
static void append_char(struct text *text, UINT c, BOOL is_utf8)
{
    char bytes[4] = { c };

    if (!is_utf8 || c < 0x80)
        append(text, bytes, 1);
    else if (c < 0x800)
    {
        bytes[0] = 0xc0 | c >> 6;
        bytes[1] = 0x80 | (c & 63);
        append(text, bytes, 2);
    }
    else if (c < 0x10000)
    {
        bytes[0] = 0xe0 | c >> 12;
        bytes[1] = 0x80 | (c >> 6 & 63);
        bytes[2] = 0x80 | (c & 63);
        append(text, bytes, 3);
    }
    else
    {
        bytes[0] = 0xf0 | c >> 18;
        bytes[1] = 0x80 | (c >> 12 & 63);
        bytes[2] = 0x80 | (c >> 6 & 63);
        bytes[3] = 0x80 | (c & 63);
        append(text, bytes, 4);
    }
}

/* Append a name or a password: in UTF-8 if the server says so, or if not every character is a byte. */
static void append_wide(struct text *text, const WCHAR *wide, BOOL is_utf8)
{
    UINT i, c;

    for (i = 0; wide[i]; i++)
        is_utf8 |= wide[i] > 0xff;
    while ((c = *wide++))
    {
        if (c >= 0xd800 && c < 0xdc00 && *wide >= 0xdc00 && *wide < 0xe000)
            c = 0x10000 + ((c - 0xd800) << 10) + *wide++ - 0xdc00;
        else if (c >= 0xd800 && c < 0xe000)
            c = 0xfffd;
        append_char(text, c, is_utf8);
    }
}

/* Append the contents of a quoted string without its escapes. */
static void append_unquoted(struct text *text, const struct slice *slice)
{
    UINT i;

    for (i = 0; i < slice->length; i++)
    {
        if (slice->text[i] == '\\' && i + 1 < slice->length)
            i++;
        append(text, slice->text + i, 1);
    }
}

/* Append a quoted string, with escapes. Control characters, which no field may have, are left out. */
static void append_quoted(struct text *text, const struct text *value)
{
    UINT i;

    append_text(text, "\"");
    for (i = 0; i < value->length; i++)
    {
        if ((unsigned char)value->chars[i] < ' ' || value->chars[i] == 0x7f)
            continue;
        if (value->chars[i] == '"' || value->chars[i] == '\\')
            append_text(text, "\\");
        append(text, value->chars + i, 1);
    }
    append_text(text, "\"");
}

static void clear_text(struct text *text)
{
    if (text->chars)
        memset(text->chars, 0, text->length);
    free(text->chars);
    memset(text, 0, sizeof(*text));
}

/* Return the text, or NULL if something is missing. */
static char *finish_text(struct text *text)
{
    if (!text->has_failed)
        return text->chars;
    clear_text(text);
    return NULL;
}

char *auth_answer_basic(const struct auth_challenge *challenge, const struct auth_client *client)
{
    struct text plain = {0}, text = {0};
    char *encoded = NULL;

    append_wide(&plain, client->user, challenge->is_utf8);
    append_text(&plain, ":");
    append_wide(&plain, client->password, challenge->is_utf8);
    if (!plain.has_failed && (encoded = calloc(1, (plain.length + 2) / 3 * 4 + 1)))
    {
        encode_base64((const BYTE *)plain.chars, plain.length, encoded);
        append_text(&text, "Basic ");
        append_text(&text, encoded);
        memset(encoded, 0, strlen(encoded));
    }
    text.has_failed |= !encoded;
    free(encoded);
    clear_text(&plain);
    return finish_text(&text);
}

/* Replace the text by its hash. */
static void hash_text(const struct auth_challenge *challenge, const struct auth_client *client, struct text *text)
{
    char hex[AUTH_HEX_MAX];

    if (text->has_failed || !client->get_hash(challenge->hash, text->chars, text->length, hex))
    {
        text->has_failed = TRUE;
        return;
    }
    memset(text->chars, 0, text->length);
    text->length = 0;
    append_text(text, hex);
}

/* H(A1) of RFC 7616, 3.4.2. */
static void write_secret(struct text *text, const struct auth_challenge *challenge, const struct auth_client *client)
{
    append_wide(text, client->user, challenge->is_utf8);
    append_text(text, ":");
    append_unquoted(text, &challenge->realm);
    append_text(text, ":");
    append_wide(text, client->password, challenge->is_utf8);
    hash_text(challenge, client, text);
    if (!challenge->is_session)
        return;
    append_text(text, ":");
    append_unquoted(text, &challenge->nonce);
    append_text(text, ":");
    append_text(text, client->nonce);
    hash_text(challenge, client, text);
}

/* Write the response of RFC 7616, 3.4.1, or of RFC 2069 if there is no qop. count: eight digits. */
static void write_response(struct text *text, const struct auth_challenge *challenge,
        const struct auth_client *client, const char *count)
{
    struct text request = {0};

    write_secret(text, challenge, client);
    append_text(text, ":");
    append_unquoted(text, &challenge->nonce);
    append_text(text, ":");
    if (challenge->has_qop)
    {
        append_text(text, count);
        append_text(text, ":");
        append_text(text, client->nonce);
        append_text(text, ":auth:");
    }
    append_text(&request, client->method);
    append_text(&request, ":");
    append_slice(&request, &client->target);
    hash_text(challenge, client, &request);
    text->has_failed |= request.has_failed;
    if (!text->has_failed)
        append(text, request.chars, request.length);
    clear_text(&request);
    hash_text(challenge, client, text);
}

static void append_user(struct text *text, const struct auth_challenge *challenge, const struct auth_client *client)
{
    struct text user = {0};

    append_wide(&user, client->user, challenge->is_utf8);
    if (challenge->hashes_user)
    {
        append_text(&user, ":");
        append_unquoted(&user, &challenge->realm);
        hash_text(challenge, client, &user);
    }
    text->has_failed |= user.has_failed;
    append_quoted(text, &user);
    clear_text(&user);
}

/* Append a parameter whose value goes back as it came. */
static void append_echo(struct text *text, const char *name, const struct slice *value)
{
    append_text(text, name);
    append_text(text, "=\"");
    append_slice(text, value);
    append_text(text, "\"");
}

char *auth_answer_digest(const struct auth_challenge *challenge, const struct auth_client *client)
{
    struct text text = {0}, response = {0};
    char count[16];

    snprintf(count, sizeof(count), "%08x", client->count);
    write_response(&response, challenge, client, count);
    text.has_failed = response.has_failed;
    append_text(&text, "Digest username=");
    append_user(&text, challenge, client);
    append_echo(&text, ", realm", &challenge->realm);
    append_echo(&text, ", nonce", &challenge->nonce);
    append_echo(&text, ", uri", &client->target);
    if (challenge->algorithm.text)
    {
        append_text(&text, ", algorithm=");
        append_slice(&text, &challenge->algorithm);
    }
    append_text(&text, ", response=\"");
    append_text(&text, response.chars ? response.chars : "");
    append_text(&text, "\"");
    if (challenge->has_opaque)
        append_echo(&text, ", opaque", &challenge->opaque);
    if (challenge->has_qop)
    {
        append_text(&text, ", qop=auth, nc=");
        append_text(&text, count);
        append_text(&text, ", cnonce=\"");
        append_text(&text, client->nonce);
        append_text(&text, "\"");
    }
    if (challenge->hashes_user)
        append_text(&text, ", userhash=true");
    clear_text(&response);
    return finish_text(&text);
}
