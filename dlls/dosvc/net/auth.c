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

static void append_slice(struct buffer *text, const struct slice *slice)
{
    buffer_append(text, slice->text, slice->length);
}

/* Append a name or a password: in UTF-8 if the server says so, or if not every character is a byte. */
static void append_wide(struct buffer *text, const WCHAR *wide, BOOL is_utf8)
{
    const WCHAR *end = wide + text_length(wide);
    UINT i, length = 1;
    BYTE bytes[4];

    for (i = 0; wide[i]; i++)
        is_utf8 |= wide[i] > 0xff;
    while (wide < end)
    {
        if (is_utf8)
            length = utf8_take(&wide, end, bytes);
        else
            bytes[0] = *wide++;
        buffer_append(text, (char *)bytes, length);
    }
}

/* Append the contents of a quoted string without its escapes. */
static void append_unquoted(struct buffer *text, const struct slice *slice)
{
    UINT i;

    for (i = 0; i < slice->length; i++)
    {
        if (slice->text[i] == '\\' && i + 1 < slice->length)
            i++;
        buffer_append(text, slice->text + i, 1);
    }
}

/* Append a quoted string, with escapes. Control characters, which no field may have, are left out. */
static void append_quoted(struct buffer *text, const struct buffer *value)
{
    UINT i;

    buffer_append_text(text, "\"");
    for (i = 0; i < value->length; i++)
    {
        if ((unsigned char)value->text[i] < ' ' || value->text[i] == 0x7f)
            continue;
        if (value->text[i] == '"' || value->text[i] == '\\')
            buffer_append_text(text, "\\");
        buffer_append(text, value->text + i, 1);
    }
    buffer_append_text(text, "\"");
}

/* Return the text, or NULL if something is missing. */
static char *finish_text(struct buffer *text)
{
    if (!text->is_failed)
        return text->text;
    buffer_clear(text);
    return NULL;
}

char *auth_answer_basic(const struct auth_challenge *challenge, const struct auth_client *client)
{
    struct buffer plain = {0}, text = {0};
    char *encoded = NULL;

    append_wide(&plain, client->user, challenge->is_utf8);
    buffer_append_text(&plain, ":");
    append_wide(&plain, client->password, challenge->is_utf8);
    if (!plain.is_failed && (encoded = calloc(1, (plain.length + 2) / 3 * 4 + 1)))
    {
        encode_base64((const BYTE *)plain.text, plain.length, encoded);
        buffer_append_text(&text, "Basic ");
        buffer_append_text(&text, encoded);
        memset(encoded, 0, strlen(encoded));
    }
    text.is_failed |= !encoded;
    free(encoded);
    buffer_clear(&plain);
    return finish_text(&text);
}

/* Replace the text by its hash. */
static void hash_text(const struct auth_challenge *challenge, const struct auth_client *client, struct buffer *text)
{
    char hex[AUTH_HEX_MAX];

    if (text->is_failed || !client->get_hash(challenge->hash, text->text, text->length, hex))
    {
        text->is_failed = TRUE;
        return;
    }
    memset(text->text, 0, text->length);
    text->length = 0;
    buffer_append_text(text, hex);
}

/* H(A1) of RFC 7616, 3.4.2. */
static void write_secret(struct buffer *text, const struct auth_challenge *challenge, const struct auth_client *client)
{
    append_wide(text, client->user, challenge->is_utf8);
    buffer_append_text(text, ":");
    append_unquoted(text, &challenge->realm);
    buffer_append_text(text, ":");
    append_wide(text, client->password, challenge->is_utf8);
    hash_text(challenge, client, text);
    if (!challenge->is_session)
        return;
    buffer_append_text(text, ":");
    append_unquoted(text, &challenge->nonce);
    buffer_append_text(text, ":");
    buffer_append_text(text, client->nonce);
    hash_text(challenge, client, text);
}

/* Write the response of RFC 7616, 3.4.1, or of RFC 2069 if there is no qop. count: eight digits. */
static void write_response(struct buffer *text, const struct auth_challenge *challenge,
        const struct auth_client *client, const char *count)
{
    struct buffer request = {0};

    write_secret(text, challenge, client);
    buffer_append_text(text, ":");
    append_unquoted(text, &challenge->nonce);
    buffer_append_text(text, ":");
    if (challenge->has_qop)
    {
        buffer_append_text(text, count);
        buffer_append_text(text, ":");
        buffer_append_text(text, client->nonce);
        buffer_append_text(text, ":auth:");
    }
    buffer_append_text(&request, client->method);
    buffer_append_text(&request, ":");
    append_slice(&request, &client->target);
    hash_text(challenge, client, &request);
    text->is_failed |= request.is_failed;
    if (!text->is_failed)
        buffer_append(text, request.text, request.length);
    buffer_clear(&request);
    hash_text(challenge, client, text);
}

static void append_user(struct buffer *text, const struct auth_challenge *challenge, const struct auth_client *client)
{
    struct buffer user = {0};

    append_wide(&user, client->user, challenge->is_utf8);
    if (challenge->hashes_user)
    {
        buffer_append_text(&user, ":");
        append_unquoted(&user, &challenge->realm);
        hash_text(challenge, client, &user);
    }
    text->is_failed |= user.is_failed;
    append_quoted(text, &user);
    buffer_clear(&user);
}

/* Append a parameter whose value goes back as it came. */
static void append_echo(struct buffer *text, const char *name, const struct slice *value)
{
    buffer_append_text(text, name);
    buffer_append_text(text, "=\"");
    append_slice(text, value);
    buffer_append_text(text, "\"");
}

char *auth_answer_digest(const struct auth_challenge *challenge, const struct auth_client *client)
{
    struct buffer text = {0}, response = {0};
    char count[16];

    snprintf(count, sizeof(count), "%08x", client->count);
    write_response(&response, challenge, client, count);
    text.is_failed = response.is_failed;
    buffer_append_text(&text, "Digest username=");
    append_user(&text, challenge, client);
    append_echo(&text, ", realm", &challenge->realm);
    append_echo(&text, ", nonce", &challenge->nonce);
    append_echo(&text, ", uri", &client->target);
    if (challenge->algorithm.text)
    {
        buffer_append_text(&text, ", algorithm=");
        append_slice(&text, &challenge->algorithm);
    }
    buffer_append_text(&text, ", response=\"");
    buffer_append_text(&text, response.text ? response.text : "");
    buffer_append_text(&text, "\"");
    if (challenge->has_opaque)
        append_echo(&text, ", opaque", &challenge->opaque);
    if (challenge->has_qop)
    {
        buffer_append_text(&text, ", qop=auth, nc=");
        buffer_append_text(&text, count);
        buffer_append_text(&text, ", cnonce=\"");
        buffer_append_text(&text, client->nonce);
        buffer_append_text(&text, "\"");
    }
    if (challenge->hashes_user)
        buffer_append_text(&text, ", userhash=true");
    buffer_clear(&response);
    return finish_text(&text);
}
