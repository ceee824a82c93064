/*
 * Unit tests of the record of a download
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
#include "model/download_record.h"

/* Allocations that still succeed; -1 is no limit. */
static int allocations = -1;

static BOOL may_allocate(void)
{
    return allocations < 0 || allocations-- > 0;
}

void *test_realloc(void *block, size_t size);
void *test_calloc(size_t count, size_t size);

void *test_realloc(void *block, size_t size)
{
    return may_allocate() ? realloc(block, size) : NULL;
}

void *test_calloc(size_t count, size_t size)
{
    return may_allocate() ? calloc(count, size) : NULL;
}

static const char url[] = "http://host/path?query";
static const char secret_url[] = "http://secret-user:secret-pass@host/path?query";
static const char headers[] = "Authorization: Bearer secret-1\r\nX-First: kept\nCOOKIE:secret-2\r\n"
        " Authorization: secret-3\r\nProxy-Authorization: secret-4\r\nsecret-5\r\nX-Second: also kept";

static WCHAR *widen_dup(const char *text)
{
    WCHAR *string = calloc(strlen(text) + 1, sizeof(*string));

    widen(text, string, strlen(text) + 1);
    return string;
}

static BOOL same_text(const WCHAR *string, const char *text)
{
    UINT i;

    if (!string || !text)
        return !string && !text;
    for (i = 0; text[i] && string[i] == (unsigned char)text[i]; i++)
        ;
    return !text[i] && !string[i];
}

static void fill(struct download_record *download)
{
    static const struct range received = { 5, 100 };
    struct download_settings *settings = &download->settings;

    memset(download, 0, sizeof(*download));
    memcpy(download->id, "0123456789abcdef", 16);
    download->state = 5;
    download->error = 0x80190193;
    download->extended_error = 0x80072ee2;
    download->ending = DOWNLOAD_FINALIZING;
    download->created = 130898680800000000ull;
    download->idle.passed = 2592000001ull;
    download->idle.time = 130898680800000001ull;
    download->user_sid = widen_dup("S-1-5-21-0-0-0-1000");
    settings->uri = widen_dup(secret_url);
    settings->content_id = widen_dup("content");
    settings->display_name = widen_dup("name");
    settings->path = widen_dup("C:/folder/name.bin");
    settings->headers = widen_dup(headers);
    settings->correlation_vector = widen_dup("vector");
    settings->integrity_info = widen_dup("{}");
    settings->cost_policy = COST_POLICY_UNSET;
    settings->security_flags = 0x3300;
    settings->callback_percent = 10;
    settings->callback_seconds = 0;
    settings->no_progress_timeout = 60;
    settings->size_hint = 1ull << 40;
    settings->is_foreground = TRUE;
    settings->is_blocking = TRUE;
    settings->is_integrity_mandatory = TRUE;
    settings->is_cellular_forbidden = TRUE;
    settings->is_insecure_redirect_allowed = TRUE;
    settings->is_non_volatile = TRUE;
    settings->is_encrypted = TRUE;
    settings->auth_headers = widen_dup("Authorization: secret-6");
    settings->decryption_info = widen_dup("{\"KeyData\":\"secret-7\"}");
    settings->certificate = (BYTE *)strdup("secret-8");
    settings->certificate_size = 8;
    download->transfer.url = widen_dup(secret_url);
    download->transfer.path = widen_dup("C:\\folder\\name.bin");
    download->transfer.temporary_name = widen_dup("C:\\folder\\DO0123456789abcdef.tmp");
    download->transfer.temporary_id = 0x0123456789abcdefull;
    download->transfer.etag = widen_dup("\"etag\"");
    download->transfer.size = 1000;
    download->transfer.declared_size = 1ull << 40;
    download->transfer.received = malloc(sizeof(received));
    download->transfer.received[0] = received;
    download->transfer.received_count = 1;
}

static BOOL encode(struct record_writer *writer, const struct download_record *download)
{
    record_begin(writer, RECORD_DOWNLOAD);
    record_put_download(writer, download);
    return record_end(writer);
}

static enum record_status decode(const struct record_writer *writer, struct download_record *download)
{
    struct record_reader reader;

    if (record_open(writer->data, writer->size, RECORD_DOWNLOAD, &reader) != RECORD_OK)
        return reader.status;
    return record_get_download(&reader, download);
}

/* In either width. */
static BOOL has_text(const struct record_writer *writer, const char *text)
{
    UINT length = strlen(text), step, i, j;

    for (step = 1; step <= 2; step++)
    {
        for (i = 0; i + step * length <= writer->size; i++)
        {
            for (j = 0; j < length && writer->data[i + step * j] == (unsigned char)text[j]; j++)
                ;
            if (j == length)
                return TRUE;
        }
    }
    return FALSE;
}

static void test_round_trip(void)
{
    struct download_record source, download;
    const struct download_settings *settings = &download.settings;
    struct record_writer writer, again;
    enum record_status status;

    fill(&source);
    ok(encode(&writer, &source), "cannot encode.\n");
    status = decode(&writer, &download);
    ok(status == RECORD_OK, "got status %u.\n", status);
    if (status != RECORD_OK)
        return;
    ok(!memcmp(download.id, source.id, 16), "id.\n");
    ok(download.state == 5 && download.ending == DOWNLOAD_FINALIZING, "state.\n");
    ok(download.error == 0x80190193 && download.extended_error == 0x80072ee2, "errors.\n");
    ok(download.created == source.created && download.idle.passed == source.idle.passed
            && download.idle.time == source.idle.time, "times.\n");
    ok(same_text(download.user_sid, "S-1-5-21-0-0-0-1000"), "owner.\n");
    ok(same_text(settings->uri, url), "uri.\n");
    ok(same_text(settings->content_id, "content") && same_text(settings->display_name, "name"), "labels.\n");
    ok(same_text(settings->path, "C:/folder/name.bin"), "path.\n");
    ok(same_text(settings->headers, "X-First: kept\r\nX-Second: also kept\r\n"), "headers.\n");
    ok(same_text(settings->correlation_vector, "vector") && same_text(settings->integrity_info, "{}"), "strings.\n");
    ok(settings->cost_policy == COST_POLICY_UNSET && settings->security_flags == 0x3300
            && settings->callback_percent == 10 && !settings->callback_seconds && settings->no_progress_timeout == 60
            && settings->size_hint == 1ull << 40, "numbers.\n");
    ok(settings->is_foreground && settings->is_blocking && settings->is_integrity_mandatory
            && settings->is_cellular_forbidden && settings->is_insecure_redirect_allowed && settings->is_non_volatile
            && settings->is_encrypted, "flags.\n");
    ok(!settings->auth_headers && !settings->decryption_info && !settings->certificate, "secrets.\n");
    ok(same_text(download.transfer.url, url) && download.transfer.received_count == 1
            && download.transfer.received[0].length == 100 && download.transfer.size == 1000, "transfer.\n");
    ok(encode(&again, &download) && again.size == writer.size && !memcmp(again.data, writer.data, again.size),
            "the second encoding is another.\n");
    ok(!has_text(&writer, "secret"), "there is a secret.\n");
    ok(has_text(&writer, "kept"), "the test would not find it.\n");
    record_free(&writer);
    record_free(&again);
    download_record_clear(&download);
    download_record_clear(&source);
}

/* Values and checks of every setting, so that a new row of the table is tested with the others. */

#define FILL_STRING(name, number) settings->name = widen_dup("http://" #name);
#define FILL_NUMBER(name, number) settings->name = 1000 + number;
#define FILL_LARGE(name, number)  settings->name = (1ull << 40) + number;
#define FILL_FLAG(name, number)   settings->name = TRUE;
#define FILL(name, property, type, form, number, ...) FILL_##type(name, number)

#define IS_SAME_STRING(name) same_text(settings->name, "http://" #name)
#define IS_SAME_NUMBER(name) (settings->name == source.settings.name)
#define IS_SAME_LARGE(name)  (settings->name == source.settings.name)
#define IS_SAME_FLAG(name)   (settings->name == TRUE)

#define CHECK_PLAIN(name, type)   ok(IS_SAME_##type(name), #name " is lost.\n");
#define CHECK_URL(name, type)     CHECK_PLAIN(name, type)
#define CHECK_HEADERS(name, type) ok(settings->name != NULL, #name " are lost.\n");
#define CHECK_FIXED(name, type)   CHECK_PLAIN(name, type)
#define CHECK_SECRET(name, type)  ok(!settings->name, #name " is kept.\n");
#define CHECK(name, property, type, form, ...) CHECK_##form(name, type)

#define NUMBER_PLAIN(number)   number,
#define NUMBER_URL(number)     number,
#define NUMBER_HEADERS(number) number,
#define NUMBER_FIXED(number)   number,
#define NUMBER_SECRET(number)
#define NUMBER(name, property, type, form, number, ...) NUMBER_##form(number)

static void test_settings(void)
{
    static const UINT numbers[] = { DOWNLOAD_SETTINGS(NUMBER) };
    struct download_record source, download;
    struct download_settings *settings = &source.settings;
    struct record_writer writer;
    UINT i, j;

    fill(&source);
    download_settings_clear(settings);
    DOWNLOAD_SETTINGS(FILL)
    ok(encode(&writer, &source) && decode(&writer, &download) == RECORD_OK, "no round trip.\n");
    settings = &download.settings;
    DOWNLOAD_SETTINGS(CHECK)
    for (i = 0; i < ARRAY_SIZE(numbers); i++)
    {
        ok(numbers[i] > 1, "%u has no number.\n", i);
        for (j = 0; j < i; j++)
            ok(numbers[j] != numbers[i], "number %u occurs twice.\n", numbers[i]);
    }
    record_free(&writer);
    download_record_clear(&download);
    download_record_clear(&source);
}

/* What the service could not work with. */
static void test_unsound(void)
{
    struct download_record source, download;
    struct record_writer writer;
    UINT i;

    for (i = 0; i < 8; i++)
    {
        fill(&source);
        switch (i)
        {
            case 0: source.state = 6; break;
            case 1: source.ending = 3; break;
            case 2: free(source.user_sid); source.user_sid = NULL; break;
            case 3: free(source.settings.uri); source.settings.uri = NULL; break;
            case 4: free(source.transfer.url); source.transfer.url = NULL; break;
            case 5: free(source.transfer.path); source.transfer.path = NULL; break;
            case 6: source.state = 2; break; /* Transferred, but it is not done */
            case 7: source.transfer.received[0].length = 0; break;
        }
        ok(encode(&writer, &source), "cannot encode.\n");
        ok(decode(&writer, &download) == RECORD_DAMAGED, "%u is not noticed.\n", i);
        record_free(&writer);
        download_record_clear(&source);
    }

    /* Without a transfer. */
    record_begin(&writer, RECORD_DOWNLOAD);
    record_put_bytes(&writer, 3, "0123456789abcdef", 16);
    record_end(&writer);
    ok(decode(&writer, &download) == RECORD_DAMAGED, "that is not noticed.\n");
    record_free(&writer);

    /* What was never started needs neither a URL nor a path. */
    memset(&source, 0, sizeof(source));
    source.settings.is_non_volatile = TRUE;
    source.user_sid = widen_dup("S-1");
    ok(encode(&writer, &source) && decode(&writer, &download) == RECORD_OK, "it is refused.\n");
    ok(!download.settings.uri && !download.settings.headers, "there is something.\n");
    download_record_clear(&download);
    download_record_clear(&source);
    record_free(&writer);
}

/* One field twice, as nobody writes it. */
static void test_repetition(void)
{
    struct download_record source, download;
    struct record_writer writer;

    fill(&source);
    record_begin(&writer, RECORD_DOWNLOAD);
    record_put_download(&writer, &source);
    record_put_download(&writer, &source);
    ok(record_end(&writer), "cannot encode.\n");
    ok(decode(&writer, &download) == RECORD_OK, "it is refused.\n");
    download_record_clear(&download);
    download_record_clear(&source);
    record_free(&writer);
}

static void test_out_of_memory(void)
{
    struct download_record source, download;
    struct record_writer writer;
    enum record_status status;
    int i;

    fill(&source);
    for (i = 0; ; i++)
    {
        allocations = i;
        if (encode(&writer, &source))
            break;
        record_free(&writer);
    }
    ok(i > 1, "%d allocations.\n", i);
    for (i = 0; ; i++)
    {
        allocations = i;
        if ((status = decode(&writer, &download)) == RECORD_OK)
            break;
        ok(status == RECORD_NO_MEMORY, "got status %u.\n", status);
    }
    ok(i > 10, "%d allocations.\n", i);
    allocations = -1;
    download_record_clear(&download);
    download_record_clear(&source);
    record_free(&writer);
}

int main(void)
{
    test_round_trip();
    test_settings();
    test_unsound();
    test_repetition();
    test_out_of_memory();
    return report("download_record");
}
