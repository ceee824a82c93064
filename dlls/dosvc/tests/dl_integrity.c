/*
 * Tests of downloads whose pieces are verified
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

#include "dosvc_test.h"
#include "download.h"
#include "piece_document.h"
#include "sink.h"
#include "dl_sink.h"
#include "control.h"
#include "policy.h"

#define FLAW_COUNT 1000 /* more than it is sent */
#define SAVE_MS 4000 /* longer than the service takes to save what it shows */
#define RETURN_LIMIT_MS 15000 /* for a call; a server that is silent is given up after 30 s */
#define P(name) DODownloadProperty_ ## name
#define UNAVAILABLE DO_E_INTEGRITYCHECKINFO_UNAVAILABLE
#define HTTP_404 ((HRESULT)0x80190194)
#define ZERO_HASH "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static void set_integrity(const char *id, IDODownload *download, const WCHAR *info, BOOL is_mandatory)
{
    check_hr(id, dl_set_string(download, P(IntegrityCheckInfo), info), S_OK);
    check_hr(id, dl_set_bool(download, P(IntegrityCheckMandatory), is_mandatory), S_OK);
}

/* A download to the usual file whose pieces are verified by the usual document. */
static IDODownload *prepare_verified(const char *id, struct dl_fixture *fixture, const struct resource *resource,
        const struct document *document, BOOL is_mandatory)
{
    IDODownload *download = prepare_download(id, fixture, resource->url, fixture->path);
    WCHAR info[512];

    set_integrity(id, download, document_usual_info(document, info, ARRAY_SIZE(info)), is_mandatory);
    return download;
}

static void drop_file(const char *id, struct dl_fixture *fixture)
{
    ok(DeleteFileW(fixture->path), "%s: deleting the file gives error %lu.\n", id, GetLastError());
}

/* Wait for ranges of a file, and look at them. */
static void finish_ranges(const char *id, struct dl_fixture *fixture, IDODownload *download,
        const struct resource *resource, const struct dl_ranges *ranges)
{
    UINT64 total = 0;
    unsigned int i;

    for (i = 0; i < ranges->count; ++i)
        total += ranges->ranges[i].Length;
    dl_wait(id, download, DODownloadState_Transferred);
    check_dl_bytes(id, download, total, total);
    check_hr(id, IDODownload_Finalize(download), S_OK);
    check_parts_content(id, fixture->path, resource, ranges->ranges, ranges->count);
    drop_file(id, fixture);
    IDODownload_Release(download);
}

/* A fault of what the client gives, or of the document. */
struct fault
{
    const char *id;
    const char *members;   /* of the information; "" stands for the right hash of hashes, "D" for the right digest */
    const char *old, *new; /* a part of the document, and another one in its place; NULL: none */
    HRESULT hr;
    BOOL is_missing;       /* no document is there */
};

static const struct fault faults[] =
{
    { "PHF-004", "", NULL, NULL, HTTP_404, TRUE },
    { "PHF-005", ",\"PiecesHashFileDigest\":\"" ZERO_HASH "\"", NULL, NULL, DO_E_METAINFO_DIGEST_MATCH },
    { "PHF-005", "", "{", "<html>{", DO_E_METAINFO_CONTENT },
    { "PHF-006", "", "\"MajorVersion\":1", "\"MajorVersion\":2", DO_E_METAINFO_VERSION },
    { "PHF-006", ",\"HashOfHashes\":\"" ZERO_HASH "\"", NULL, NULL, DO_E_METAINFO_HOH_MATCH },
    { "PHF-006", "", "\"Pieces\":[\"", "\"Pieces\":[\"" ZERO_HASH "\",\"", DO_E_METAINFO_PIECE_SIZE },
    { "PHF-006", "", "\"ContentLength\":200000", "\"ContentLength\":200001", DO_E_METAINFO_HOH_FINAL_MATCH },
    { "PHF-006", "", "\"PieceSize\":65536", "\"PieceSize\":65537", DO_E_METAINFO_PIECE_SIZE },
    { "PHF-008", "", "\"Pieces\":[\"", "\"Pieces\":[\"*", DO_E_METAINFO_PARSE_ONE_PIECEHASH },
    { "PHF-008", "", "\"Pieces\":[", "\"Pieces\":5,\"Other\":[", DO_E_METAINFO_PARSE_PIECEHASHES },
};

static void play_fault(struct dl_fixture *fixture, const struct fault *fault, unsigned int index, BOOL is_mandatory)
{
    struct resource *resource;
    struct document document;
    IDODownload *download;
    WCHAR info[512];
    char path[32];

    sprintf(path, "/fault%u-%u", index, is_mandatory);
    resource = origin_add_resource(fixture->origin, path, 200000);
    document_add(&document, resource, PIECE_SIZE);
    if (*fault->members)
        document_info(&document, fault->members, info, ARRAY_SIZE(info));
    else
        document_usual_info(&document, info, ARRAY_SIZE(info));
    if (fault->old)
        document_replace(&document, fault->old, fault->new);
    if (fault->is_missing)
        strcpy(document.resource->path, "/nowhere");
    download = prepare_download(fault->id, fixture, resource->url, fixture->path);
    set_integrity(fault->id, download, info, is_mandatory);
    dl_start(fault->id, download);
    if (is_mandatory)
    {
        dl_wait_error(fault->id, download, UNAVAILABLE, fault->hr);
        ok(!origin_get_requests(resource, NULL), "%s: the content was asked for.\n", fault->id);
        check_dl_bytes(fault->id, download, 0, 0);
    }
    else
    {
        dl_finish("PHF-009", download, fixture->path, resource);
        drop_file("PHF-009", fixture);
    }
    dl_discard(download);
    free(document.text);
}

static void test_faults(void)
{
    struct dl_fixture fixture;
    unsigned int i;

    if (!dl_open(&fixture))
        return;
    for (i = 0; i < ARRAY_SIZE(faults); ++i)
    {
        winetest_push_context("fault %u", i);
        play_fault(&fixture, &faults[i], i, TRUE);
        play_fault(&fixture, &faults[i], i, FALSE);
        winetest_pop_context();
    }
    dl_close(&fixture);
}

/* The document is of another size than the resource. */
static void test_other_size(BOOL is_chunked)
{
    struct resource *resource;
    struct dl_fixture fixture;
    struct document document;
    IDODownload *download;
    unsigned int i;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/other", 200000);
    document_add(&document, resource, PIECE_SIZE);
    resource->size = 200001;
    resource->flags = is_chunked ? RESOURCE_IS_CHUNKED | RESOURCE_IGNORES_RANGES : 0;
    for (i = 0; i < 2; ++i)
    {
        download = prepare_verified("PHF-007", &fixture, resource, &document, !i);
        dl_start("PHF-007", download);
        if (!i)
            dl_wait_error("PHF-007", download, UNAVAILABLE, DO_E_METAINFO_CONTENT_LENGTH);
        else
            dl_finish("PHF-009", download, fixture.path, resource);
        dl_discard(download);
    }
    drop_file("PHF-009", &fixture);
    free(document.text);
    dl_close(&fixture);
}

/* Sizes around those of pieces, and how the document is authenticated. */
static void test_right(void)
{
    static const UINT64 sizes[] = { 0, 1, PIECE_SIZE - 1, PIECE_SIZE, PIECE_SIZE + 1, 3 * PIECE_SIZE,
            40 * PIECE_SIZE + 7 };
    struct resource *resource;
    struct dl_fixture fixture;
    struct document document;
    IDODownload *download;
    char text[128];
    WCHAR info[512];
    unsigned int i;

    if (!dl_open(&fixture))
        return;
    for (i = 0; i < 2 * ARRAY_SIZE(sizes); ++i)
    {
        winetest_push_context("size %s, %u", debugstr_u64(sizes[i / 2]), i % 2);
        sprintf(text, "/right%u", i);
        resource = origin_add_resource(fixture.origin, text, sizes[i / 2]);
        document_add(&document, resource, PIECE_SIZE);
        if (i % 2)
            sprintf(text, ",\"PiecesHashFileDigest\":\"%s\",\"PiecesHashFileDigestAlgorithm\":\"SHA-256\"",
                    document.digest);
        else
            sprintf(text, ",\"HashOfHashes\":\"%s\"", document.hash_of_hashes);
        download = prepare_download("PHF-013", &fixture, resource->url, fixture.path);
        set_integrity("PHF-013", download, document_info(&document, text, info, ARRAY_SIZE(info)), TRUE);
        dl_start("PHF-011", download);
        dl_finish("PHF-011", download, fixture.path, resource);
        ok(origin_get_requests(document.resource, NULL) == 1, "PHF-011: got %u requests.\n",
                origin_get_requests(document.resource, NULL));
        drop_file("PHF-011", &fixture);
        dl_discard(download);
        free(document.text);
        winetest_pop_context();
    }
    /* Nothing tells the document from a forged one. */
    resource = origin_add_resource(fixture.origin, "/unproven", 100);
    document_add(&document, resource, PIECE_SIZE);
    download = prepare_download("PHF-004", &fixture, resource->url, fixture.path);
    set_integrity("PHF-004", download, document_info(&document, "", info, ARRAY_SIZE(info)), TRUE);
    check_hr("PHF-004", IDODownload_Start(download, NULL), DO_E_INTEGRITYCHECKINFO_UNSPECIFIED);
    dl_discard(download);
    free(document.text);
    dl_close(&fixture);
}

/* Pieces are wrong once or twice, at these places or at random ones: the file ends right. */
static void test_flaws(unsigned int flags, UINT64 size, unsigned int flaw_count, DWORD piece_size)
{
    struct resource *resource;
    struct dl_fixture fixture;
    struct document document;
    IDODownload *download;
    UINT64 state = flags + 1;
    struct flaw *flaws;
    unsigned int i;

    if (!dl_open(&fixture))
        return;
    flaws = test_alloc(flaw_count * sizeof(*flaws));
    resource = origin_add_resource(fixture.origin, "/flaws", size);
    document_add(&document, resource, piece_size);
    for (i = 0; i < flaw_count; ++i)
    {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        flaws[i].offset = (state >> 20) % size;
        /* So that no piece has more than one. */
        if (flaw_count <= size / piece_size / 2)
            flaws[i].offset = 2 * i * piece_size + flaws[i].offset % piece_size;
        flaws[i].count = 1 + i % 2;
    }
    resource->flaws = flaws;
    resource->flaw_count = flaw_count;
    resource->flags = flags;
    download = prepare_verified("PHF-010", &fixture, resource, &document, TRUE);
    dl_start("PHF-010", download);
    dl_finish_limit("PHF-010", download, fixture.path, resource, 10 * LIMIT_MS);
    for (i = 0; i < flaw_count; ++i)
        ok(!flaws[i].count, "PHF-010: flaw %u was not sent, at %s.\n", i, debugstr_u64(flaws[i].offset));
    ok(origin_get_requests(resource, NULL) > 1, "PHF-010: got one request.\n");
    drop_file("PHF-010", &fixture);
    dl_discard(download);
    free(document.text);
    dl_close(&fixture);
    free(flaws);
}

/* A response of unknown length brings a wrong piece anew, and what is there already behind it. */
static void test_chunked_repair(void)
{
    struct flaw flaw = { 100000, 1 };
    struct origin_request request;
    struct resource *resource;
    struct dl_fixture fixture;
    struct document document;
    IDODownload *download;
    unsigned int count;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/repaired", 300000);
    document_add(&document, resource, PIECE_SIZE);
    resource->flags = RESOURCE_IS_CHUNKED | RESOURCE_IGNORES_RANGES;
    resource->flaws = &flaw;
    resource->flaw_count = 1;
    download = prepare_verified("PHF-010", &fixture, resource, &document, TRUE);
    dl_start("PHF-010", download);
    dl_finish("PHF-010", download, fixture.path, resource);
    count = origin_get_request(resource, 1, &request);
    ok(count == 2, "VER-02: got %u requests.\n", count);
    ok(!strcmp(request.range, "bytes=65536-131071"), "PHF-010: got range %s.\n", request.range);
    drop_file("PHF-010", &fixture);
    dl_discard(download);
    free(document.text);
    dl_close(&fixture);
}

/* A piece is always wrong. */
static void test_wrong(BOOL is_mandatory)
{
    struct flaw flaw = { 100000, ORIGIN_FOREVER };
    struct origin_request request;
    struct resource *resource;
    struct dl_fixture fixture;
    struct document document;
    IDODownload *download;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/wrong", 300000);
    document_add(&document, resource, PIECE_SIZE);
    resource->flaws = &flaw;
    resource->flaw_count = 1;
    download = prepare_verified("PHF-010", &fixture, resource, &document, is_mandatory);
    dl_start("PHF-010", download);
    dl_wait_error("PHF-010", download, DO_E_BAD_PIECE_HASH, S_OK);
    ok(origin_get_requests(resource, &request) == 3, "PHF-010: got %u requests.\n",
            origin_get_requests(resource, NULL));
    ok(!strcmp(request.range, "bytes=65536-131071"), "PHF-010: got range %s.\n", request.range);
    ok(!!strstr(request.head, "Cache-Control: no-cache\r\n"), "PHF-010: a cache may answer.\n");

    /* The piece is right when the client tries again: only that piece is fetched. */
    origin_lock(fixture.origin);
    flaw.count = 0;
    origin_unlock(fixture.origin);
    dl_start("PHF-010", download);
    dl_finish("PHF-010", download, fixture.path, resource);
    ok(origin_get_requests(resource, &request) == 4, "PHF-010: got %u requests.\n",
            origin_get_requests(resource, NULL));
    ok(!strcmp(request.range, "bytes=65536-131071"), "PHF-010: got range %s.\n", request.range);
    drop_file("PHF-010", &fixture);
    dl_discard(download);
    free(document.text);
    dl_close(&fixture);
}

/* With mandatory verification only whole pieces count. */
static void test_progress(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    struct document document;
    IDODownload *download;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/progress", 300000);
    document_add(&document, resource, PIECE_SIZE);
    set_gate(resource, gate, 2 * PIECE_SIZE + 1000);
    download = prepare_verified("PHF-010", &fixture, resource, &document, TRUE);
    dl_start("PHF-010", download);
    dl_wait_bytes("PHF-010", download, 2 * PIECE_SIZE);
    check_dl_bytes("PHF-010", download, 300000, 2 * PIECE_SIZE);
    check_hr("PHF-010", IDODownload_Pause(download), S_OK);
    check_dl_bytes("PHF-010", download, 300000, 2 * PIECE_SIZE);
    SetEvent(gate);
    dl_start("PHF-010", download);
    dl_finish("PHF-010", download, fixture.path, resource);
    ok(origin_get_requests(document.resource, NULL) == 1, "PHF-010: the document was asked for %u times.\n",
            origin_get_requests(document.resource, NULL));
    drop_file("PHF-010", &fixture);
    dl_discard(download);
    free(document.text);
    CloseHandle(gate);
    dl_close(&fixture);
}

/* The way to the document is not there at first: it is tried again as that to the resource is. */
static void test_retry(void)
{
    struct resource *resource;
    struct dl_fixture fixture;
    struct document document;
    IDODownload *download;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/retry", 100000);
    document_add(&document, resource, PIECE_SIZE);
    set_status(document.resource, 503, 2);
    download = prepare_verified("PHF-004", &fixture, resource, &document, TRUE);
    dl_start("PHF-004", download);
    dl_finish("PHF-004", download, fixture.path, resource);
    ok(origin_get_requests(document.resource, NULL) == 3, "PHF-004: got %u requests.\n",
            origin_get_requests(document.resource, NULL));
    drop_file("PHF-004", &fixture);
    dl_discard(download);
    free(document.text);
    dl_close(&fixture);
}

/* Change a byte of the temporary file behind the service's back. */
static void damage(const struct dl_fixture *fixture, DWORD offset)
{
    WCHAR temp[MAX_PATH];
    DWORD written;
    BYTE byte = 0;
    HANDLE file;
    BOOL ret;

    ok(find_temp(fixture->dir, temp) == 1, "PHF-015: there is no temporary file.\n");
    file = CreateFileW(temp, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
            OPEN_EXISTING, 0, NULL);
    ret = SetFilePointer(file, offset, NULL, FILE_BEGIN) == offset && ReadFile(file, &byte, 1, &written, NULL);
    byte ^= 0x10;
    ret = ret && SetFilePointer(file, offset, NULL, FILE_BEGIN) == offset && WriteFile(file, &byte, 1, &written, NULL);
    ok(ret, "PHF-015: the file cannot be changed, error %lu.\n", GetLastError());
    CloseHandle(file);
}

/* After a restart what was verified is trusted, and what is on the disk besides is verified. */
static void test_restart(enum end end)
{
    struct origin_request request;
    struct resource *resource;
    struct dl_fixture fixture;
    struct document document;
    IDODownload *download;
    VARIANT id;
    HANDLE gate;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/restart", 400000);
    document_add(&document, resource, PIECE_SIZE);
    set_gate(resource, gate, 2 * PIECE_SIZE + 1000);
    download = prepare_verified("PHF-015", &fixture, resource, &document, TRUE);
    check_hr("PHF-015", dl_set_bool(download, P(NonVolatile), TRUE), S_OK);
    dl_get("PHF-015", download, P(Id), VT_BSTR, &id);
    dl_start("PHF-015", download);
    dl_wait_bytes("PHF-015", download, 2 * PIECE_SIZE);
    if (end == END_KILL)
        Sleep(SAVE_MS);
    check_hr("PHF-015", IDODownload_Pause(download), S_OK);
    IDODownload_Release(download);
    IDOManager_Release(fixture.manager);
    fixture.manager = NULL;
    if (end_service("PHF-015", end))
    {
        check_hr("PHF-015", create_do_manager(&fixture.manager), S_OK);
        if ((download = dl_find("PHF-015", fixture.manager, P(Id), V_BSTR(&id))))
        {
            check_dl_bytes("PHF-015", download, 400000, 2 * PIECE_SIZE);
            damage(&fixture, 2 * PIECE_SIZE + 500); /* stored, and not verified */
            SetEvent(gate);
            dl_start("PHF-015", download);
            dl_finish("PHF-015", download, fixture.path, resource);
            ok(origin_get_request(resource, 1, &request) == 3, "PHF-015: got %u requests.\n",
                    origin_get_requests(resource, NULL));
            ok(!strncmp(request.range, "bytes=132072-", 13), "PHF-015: got range %s.\n", request.range);
            origin_get_request(resource, 2, &request);
            ok(!strcmp(request.range, "bytes=131072-196607"), "PHF-015: got range %s.\n", request.range);
            drop_file("PHF-015", &fixture);
            dl_discard(download);
        }
    }
    SetEvent(gate);
    VariantClear(&id);
    free(document.text);
    CloseHandle(gate);
    dl_close(&fixture);
}

/* The document goes to its own server, without what is for that of the resource. */
static void test_request(void)
{
    struct origin *other = origin_create();
    struct origin_request request;
    struct resource *resource;
    struct dl_fixture fixture;
    struct document document;
    IDODownload *download;
    WCHAR info[512];
    WCHAR text[160];

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/request", 100000);
    document_add(&document, resource, PIECE_SIZE);
    download = prepare_verified("PHF-004", &fixture, resource, &document, TRUE);
    check_hr("PHF-004", dl_set_string(download, P(HttpCustomHeaders), L"Authorization: secret\r\nX-Own: 1\r\n"), S_OK);
    dl_start("PHF-004", download);
    dl_finish("PHF-004", download, fixture.path, resource);
    origin_get_requests(document.resource, &request);
    ok(!!strstr(request.head, "Authorization: secret"), "PHF-004: the same origin gets %s\n", request.head);
    drop_file("PHF-004", &fixture);
    dl_discard(download);

    document.resource->origin = other;
    other->resources[0] = *document.resource;
    other->resource_count = 1;
    swprintf(text, ARRAY_SIZE(text), L"http://127.0.0.1:%u%hs", other->port, document.resource->path);
    swprintf(info, ARRAY_SIZE(info), L"{\"PiecesHashFileUrl\":\"%ls\",\"HashOfHashes\":\"%hs\"}", text,
            document.hash_of_hashes);
    download = prepare_download("PHF-004", &fixture, resource->url, fixture.path);
    set_integrity("PHF-004", download, info, TRUE);
    check_hr("PHF-004", dl_set_string(download, P(HttpCustomHeaders), L"Authorization: secret\r\nX-Own: 1\r\n"), S_OK);
    dl_start("PHF-004", download);
    dl_finish("PHF-004", download, fixture.path, resource);
    ok(origin_get_requests(&other->resources[0], &request) == 1 && !strstr(request.head, "secret")
            && !strstr(request.head, "X-Own"), "PHF-004: another origin gets %s\n", request.head);
    drop_file("PHF-004", &fixture);
    dl_discard(download);
    free(document.text);
    dl_close(&fixture);
    other->resources[0].at_gate = NULL;
    origin_destroy(other);
}

/* A stream gets whole pieces that are right, in order; of a wrong one nothing. */
static void test_stream(UINT64 size, unsigned int flaw_count, unsigned int times)
{
    struct resource *resource;
    struct dl_fixture fixture;
    struct document document;
    IDODownload *download;
    struct flaw *flaws;
    struct sink *sink;
    WCHAR info[512];
    unsigned int i;

    if (!dl_open(&fixture))
        return;
    flaws = test_alloc((flaw_count + 1) * sizeof(*flaws));
    resource = origin_add_resource(fixture.origin, "/stream", size);
    document_add(&document, resource, PIECE_SIZE);
    for (i = 0; i < flaw_count; ++i)
    {
        flaws[i].offset = PIECE_SIZE * (2 * i + 1) + 77 * i;
        flaws[i].count = times;
    }
    resource->flaws = flaws;
    resource->flaw_count = flaw_count;
    sink = sink_create(resource);
    download = prepare_stream("PHF-010", &fixture, resource, sink);
    set_integrity("PHF-010", download, document_usual_info(&document, info, ARRAY_SIZE(info)), TRUE);
    dl_start("PHF-010", download);
    if (times == ORIGIN_FOREVER)
    {
        dl_wait_error("PHF-010", download, DO_E_BAD_PIECE_HASH, S_OK);
        sink_check("PHF-010", sink, PIECE_SIZE);
        check_dl_bytes("PHF-010", download, size, PIECE_SIZE);
        ok(origin_get_requests(resource, NULL) == 3, "PHF-010: got %u requests.\n",
                origin_get_requests(resource, NULL));
        dl_discard(download);
        sink_check_released("PHF-010", sink);
    }
    else
    {
        finish_stream("PHF-010", download, sink, size);
    }
    free(document.text);
    dl_close(&fixture);
    free(flaws);
}

/* A document for a stream that does not insist on it. */
static IDODownload *prepare_loose_stream(const char *id, struct dl_fixture *fixture, const struct resource *resource,
        const struct document *document, struct sink *sink)
{
    IDODownload *download = prepare_stream(id, fixture, resource, sink);
    WCHAR info[512];

    set_integrity(id, download, document_usual_info(document, info, ARRAY_SIZE(info)), FALSE);
    return download;
}

struct replaced
{
    struct resource *resource;
    LONG count; /* of requests for the whole */
};

/* Have the second version when the whole is asked for once more, as it is when nothing is left of the first piece. */
static BOOL play_replaced(void *context, const struct origin_request *request, struct answer *answer)
{
    struct replaced *replaced = context;
    struct resource *resource = replaced->resource;

    if (!*request->range && InterlockedIncrement(&replaced->count) == 2)
    {
        origin_lock(resource->origin);
        resource->etag = "\"v2\"";
        resource->seed += 100;
        resource->size++;
        resource->tick_ms = 0;
        answer->resource = *resource;
        answer->end = resource->size;
        origin_unlock(resource->origin);
    }
    return origin_send_head(answer) && origin_send_body(answer);
}

/* The first piece of a stream is wrong, and another version comes in its place: what further connections have of the
 * first version is of no use. */
static void test_replaced_stream(void)
{
    UINT64 size = 40 * 1024 * 1024;
    struct flaw flaw = { 1000, 1 };
    struct replaced replaced = {0};
    struct resource *resource;
    struct dl_fixture fixture;
    struct document document;
    IDODownload *download;
    struct sink *sink;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/replaced", size);
    document_add(&document, resource, 128 * PIECE_SIZE);
    resource->flaws = &flaw;
    resource->flaw_count = 1;
    resource->etag = "\"v1\"";
    resource->tick_ms = 20;
    resource->tick_bytes = ORIGIN_BLOCK_SIZE;
    resource->play = play_replaced;
    resource->play_context = &replaced;
    replaced.resource = resource;
    sink = sink_create(resource);
    download = prepare_loose_stream("PHF-009", &fixture, resource, &document, sink);
    dl_start("PHF-009", download);
    finish_stream("PHF-009", download, sink, size + 1);
    ok(replaced.count == 2, "PHF-009: the whole was asked for %ld times.\n", replaced.count);
    ok(!flaw.count, "PHF-009: the flaw was not sent.\n");
    free(document.text);
    dl_close(&fixture);
}

/* The worker of a stream has fetched a wrong piece again when the stream refuses what another connection has got: that
 * ends the download, and the Write is not repeated. */
static void test_refused_stream(void)
{
    UINT64 size = 32 * 1024 * 1024, first = 0;
    struct origin_request request;
    struct resource *resource;
    struct dl_fixture fixture;
    struct document document;
    IDODownload *download;
    struct flaw flaw = {0};
    struct sink *sink;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/refused", size);
    document_add(&document, resource, PIECE_SIZE);
    resource->flaws = &flaw;
    resource->flaw_count = 1;
    resource->tick_ms = 40;
    resource->tick_bytes = ORIGIN_BLOCK_SIZE;
    sink = sink_create(resource);
    download = prepare_loose_stream("DL-120", &fixture, resource, &document, sink);
    dl_start("DL-120", download);
    if (wait_for_requests("ENG-10", resource, 2))
    {
        origin_get_request(resource, 1, &request);
        first = _strtoui64(request.range + strlen("bytes="), NULL, 10) / PIECE_SIZE * PIECE_SIZE;
        sink_set_refusal(sink, STG_E_MEDIUMFULL, first);
        origin_lock(fixture.origin);
        flaw.offset = first - 1;
        flaw.count = 1;
        origin_unlock(fixture.origin);
    }
    dl_wait_error("DL-120", download, STG_E_MEDIUMFULL, S_OK);
    ok(!flaw.count, "DL-120: the flaw was not sent.\n");
    ok(sink->refused == 1, "DL-120: %u Writes were refused.\n", sink->refused);
    sink_check("DL-120", sink, first);
    dl_discard(download);
    sink_check_released("DL-120", sink);
    free(document.text);
    dl_close(&fixture);
}

/* A server that changes the version while it is asked for a whole piece, which it then has no more. */
struct changing
{
    LONG count;
    HANDLE is_checked; /* set when the piece is asked for */
    HANDLE is_changed; /* set when the download has begun anew */
};

static BOOL play_changing(void *context, const struct origin_request *request, struct answer *answer)
{
    static const char gone[] = "HTTP/1.1 404 Test\r\nContent-Length: 0\r\n\r\n";
    struct changing *changing = context;
    LONG count = InterlockedIncrement(&changing->count);

    if (count <= 3 && !strcmp(request->range, "bytes=0-65535"))
    {
        SetEvent(changing->is_checked);
        ok(!WaitForSingleObject(changing->is_changed, LIMIT_MS), "PHF-012: nothing begins anew.\n");
        return origin_send(answer, gone, strlen(gone));
    }
    if (count > 1)
    {
        ok(!WaitForSingleObject(changing->is_checked, LIMIT_MS), "PHF-012: the piece is not checked.\n");
        answer->resource.etag = "\"v2\"";
    }
    if (count > 3)
        SetEvent(changing->is_changed);
    return origin_send_head(answer) && origin_send_body(answer);
}

/* The piece of a version that is given up cannot be verified, and need not be. */
static void test_changed_piece(void)
{
    static const struct dl_ranges ranges = { 2, { { 100, 1000 }, { 2 * PIECE_SIZE, PIECE_SIZE } } };
    struct changing changing = {0};
    struct resource *resource;
    struct dl_fixture fixture;
    struct document document;
    IDODownload *download;

    if (!dl_open(&fixture))
        return;
    changing.is_checked = CreateEventW(NULL, TRUE, FALSE, NULL);
    changing.is_changed = CreateEventW(NULL, TRUE, FALSE, NULL);
    resource = origin_add_resource(fixture.origin, "/changing", 4 * PIECE_SIZE);
    document_add(&document, resource, PIECE_SIZE);
    resource->flags = RESOURCE_IGNORES_IF_RANGE;
    resource->play = play_changing;
    resource->play_context = &changing;
    download = prepare_verified("PHF-012", &fixture, resource, &document, TRUE);
    check_hr("PHF-012", dl_start_ranges(download, &ranges), S_OK);
    finish_ranges("PHF-012", &fixture, download, resource, &ranges);
    SetEvent(changing.is_checked);
    SetEvent(changing.is_changed);
    free(document.text);
    dl_close(&fixture);
    CloseHandle(changing.is_checked);
    CloseHandle(changing.is_changed);
}

/* A range ends behind the document, and the server tells no size. */
static void test_range_behind(BOOL is_mandatory)
{
    static const struct dl_ranges ranges = { 1, { { 0, 200000 } } };
    struct resource *resource;
    struct dl_fixture fixture;
    struct document document;
    IDODownload *download;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/behind", 150000);
    document_add(&document, resource, PIECE_SIZE);
    resource->size = 300000;
    resource->flags = RESOURCE_IS_CHUNKED | RESOURCE_IGNORES_RANGES;
    download = prepare_verified("PHF-007", &fixture, resource, &document, is_mandatory);
    check_hr("PHF-007", dl_start_ranges(download, &ranges), S_OK);
    if (is_mandatory)
    {
        dl_wait_error("PHF-007", download, UNAVAILABLE, DO_E_METAINFO_CONTENT_LENGTH);
        dl_discard(download);
    }
    else
    {
        finish_ranges("PHF-009", &fixture, download, resource, &ranges);
    }
    free(document.text);
    dl_close(&fixture);
}

/* Ranges that begin and end within pieces: these are verified whole, and what is wanted of them is delivered. */
static void test_ranges(BOOL is_stream, unsigned int flaw_count)
{
    static const struct dl_ranges ranges = { 3, { { PIECE_SIZE * 3 / 2, PIECE_SIZE },
            { 4 * PIECE_SIZE, 2 * PIECE_SIZE }, { 8 * PIECE_SIZE + 5, 10 } } };
    struct flaw flaws[] = { { PIECE_SIZE * 2 + 3, 1 }, { 5 * PIECE_SIZE, 2 }, { 8 * PIECE_SIZE + 9, 1 } };
    UINT64 total = 3 * PIECE_SIZE + 10;
    struct origin_request request;
    struct resource *resource;
    struct dl_fixture fixture;
    struct document document;
    IDODownload *download;
    struct sink *sink = NULL;
    WCHAR info[512];

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/ranges", 9 * PIECE_SIZE + 100);
    document_add(&document, resource, PIECE_SIZE);
    resource->flaws = flaws;
    resource->flaw_count = flaw_count;
    if (is_stream)
    {
        sink = sink_create(resource);
        sink->expected = ranges;
        download = prepare_stream("PHF-012", &fixture, resource, sink);
    }
    else
    {
        download = prepare_download("PHF-012", &fixture, resource->url, fixture.path);
    }
    set_integrity("PHF-012", download, document_usual_info(&document, info, ARRAY_SIZE(info)), TRUE);
    check_hr("PHF-012", dl_start_ranges(download, &ranges), S_OK);
    if (is_stream)
    {
        finish_stream("PHF-012", download, sink, total);
    }
    else
    {
        finish_ranges("PHF-012", &fixture, download, resource, &ranges);
    }
    origin_get_requests(resource, &request);
    ok(!!*request.range, "PHF-012: the whole was asked for.\n");
    free(document.text);
    dl_close(&fixture);
}

/* A range with a part of a piece that is always wrong, be it not among what is wanted. */
static void test_wrong_range(void)
{
    static const struct dl_ranges ranges = { 1, { { PIECE_SIZE + 100, PIECE_SIZE } } };
    struct flaw flaw = { 3 * PIECE_SIZE - 1, ORIGIN_FOREVER };
    struct resource *resource;
    struct dl_fixture fixture;
    struct document document;
    IDODownload *download;

    if (!dl_open(&fixture))
        return;
    resource = origin_add_resource(fixture.origin, "/surplus", 5 * PIECE_SIZE);
    document_add(&document, resource, PIECE_SIZE);
    resource->flaws = &flaw;
    resource->flaw_count = 1;
    download = prepare_verified("PHF-012", &fixture, resource, &document, TRUE);
    check_hr("PHF-012", dl_start_ranges(download, &ranges), S_OK);
    dl_wait_error("PHF-012", download, DO_E_BAD_PIECE_HASH, S_OK);
    check_dl_bytes("PHF-012", download, PIECE_SIZE, PIECE_SIZE - 100);
    dl_discard(download);
    free(document.text);
    dl_close(&fixture);
}

/* The server falls silent in the request for the whole of a piece of which a part is wanted. Neither the call nor what
 * follows waits for it. */
static void test_silent_piece(BOOL is_stream, BOOL is_abort)
{
    static const struct dl_ranges ranges = { 1, { { PIECE_SIZE + 100, 1000 } } };
    struct resource *resource;
    struct dl_fixture fixture;
    struct document document;
    IDODownload *download;
    struct sink *sink = NULL;
    WCHAR info[512];
    HANDLE gate;
    DWORD time;

    if (!dl_open(&fixture))
        return;
    gate = create_gate();
    resource = origin_add_resource(fixture.origin, "/hushed", 3 * PIECE_SIZE);
    document_add(&document, resource, PIECE_SIZE);
    set_gate(resource, gate, PIECE_SIZE + 2000);
    download = prepare_download("PHF-012", &fixture, resource->url, is_stream ? NULL : fixture.path);
    if (is_stream)
    {
        sink = sink_create(resource);
        sink->expected = ranges;
        check_hr("PHF-012", dl_set_object(download, P(StreamInterface), &sink->IStream_iface), S_OK);
    }
    set_integrity("PHF-012", download, document_usual_info(&document, info, ARRAY_SIZE(info)), TRUE);
    check_hr("PHF-012", dl_start_ranges(download, &ranges), S_OK);
    wait_event("PHF-012", resource->at_gate);
    time = GetTickCount();
    check_hr("DL-083", is_abort ? IDODownload_Abort(download) : IDODownload_Pause(download), S_OK);
    check_dl_status("DL-083", download, is_abort ? DODownloadState_Aborted : DODownloadState_Paused, S_OK, S_OK);
    if (!is_abort)
    {
        /* The connection that is silent stays so, and others are not. */
        set_gate(resource, NULL, 0);
        dl_start("PHF-012", download);
        dl_wait("PHF-012", download, DODownloadState_Transferred);
        check_dl_bytes("PHF-012", download, 1000, 1000);
    }
    dl_discard(download);
    if (is_stream)
    {
        ok(is_abort || sink_get_bytes(sink) == 1000, "PHF-012: the stream got %s bytes.\n",
                debugstr_u64(sink_get_bytes(sink)));
        sink_check_released("PHF-012", sink);
    }
    time = GetTickCount() - time;
    ok(time < RETURN_LIMIT_MS, "DL-083: it took %lu ms.\n", time);
    SetEvent(gate);
    free(document.text);
    CloseHandle(gate);
    dl_close(&fixture);
}

/* A cache host that is wrong in one byte, and what it has that of. */
struct wrong_cache
{
    struct dl_fixture fixture;
    struct origin *home, *cache;
    struct document document; /* served at home */
    struct resource *cached;
    struct flaw flaw;
};

static struct resource *add_same(struct origin *origin, UINT64 size)
{
    struct resource *resource = origin_add_resource(origin, "/same", size);

    resource->seed = 16;
    return resource;
}

static BOOL open_wrong_cache(struct wrong_cache *wrong, UINT64 size)
{
    WCHAR host[32];

    memset(wrong, 0, sizeof(*wrong));
    if (!(wrong->home = origin_create_usual()))
    {
        skip("MCC-016: this user may not have port 80.\n");
        return FALSE;
    }
    if (!dl_open(&wrong->fixture))
    {
        origin_destroy(wrong->home);
        return FALSE;
    }
    wrong->cache = origin_create();
    document_add(&wrong->document, add_same(wrong->home, size), PIECE_SIZE);
    wrong->cached = add_same(wrong->cache, size);
    wrong->cached->flaws = &wrong->flaw;
    wrong->cached->flaw_count = 1;
    swprintf(host, ARRAY_SIZE(host), L"127.0.0.1:%u", wrong->cache->port);
    return set_policy_text("MCC-016", L"DOCacheHost", host);
}

static void close_wrong_cache(struct wrong_cache *wrong)
{
    restore_settings();
    free(wrong->document.text);
    dl_close(&wrong->fixture);
    origin_destroy(wrong->cache);
    origin_destroy(wrong->home);
}

/* Download with the hashes of the document, to a file or a stream, and compare. */
static void download_same(struct wrong_cache *wrong, struct resource *resource, BOOL is_stream)
{
    struct dl_fixture *fixture = &wrong->fixture;
    IDODownload *download;
    struct sink *sink;
    WCHAR info[512];

    document_usual_info(&wrong->document, info, ARRAY_SIZE(info));
    if (is_stream)
    {
        sink = sink_create(resource);
        download = prepare_stream("MCC-016", fixture, resource, sink);
        set_integrity("MCC-016", download, info, TRUE);
        dl_start("MCC-016", download);
        finish_stream("MCC-016", download, sink, resource->size);
        return;
    }
    download = prepare_download("MCC-016", fixture, resource->url, fixture->path);
    set_integrity("MCC-016", download, info, TRUE);
    dl_start("MCC-016", download);
    dl_finish("MCC-016", download, fixture->path, resource);
    drop_file("MCC-016", fixture);
    dl_discard(download);
}

/* Download some pieces about this place, and compare. */
static void download_about(struct wrong_cache *wrong, struct resource *resource, UINT64 place)
{
    UINT64 start = (place < PIECE_SIZE ? 0 : place - PIECE_SIZE) / 1000 * 1000;
    struct dl_ranges ranges = { 1, { { start, origin_min(3 * PIECE_SIZE, resource->size - start) } } };
    struct dl_fixture *fixture = &wrong->fixture;
    IDODownload *download;
    WCHAR info[512];

    document_usual_info(&wrong->document, info, ARRAY_SIZE(info));
    download = prepare_download("MCC-016", fixture, resource->url, fixture->path);
    set_integrity("MCC-016", download, info, TRUE);
    check_hr("MCC-016", dl_start_ranges(download, &ranges), S_OK);
    finish_ranges("MCC-016", fixture, download, resource, &ranges);
}

enum wanted
{
    WANTED_FILE,
    WANTED_STREAM,
    WANTED_PARTS,
};

/* The cache host is wrong at this place: it is asked, then banned for this origin, and the origin has the rest. */
static void play_wrong_place(struct wrong_cache *wrong, UINT64 place, enum wanted wanted)
{
    unsigned int asked;
    struct origin *origin = origin_create_usual();
    struct origin_request request;
    struct resource *resource;

    ok(!!origin, "MCC-016: no address is left.\n");
    if (!origin)
        return;
    resource = add_same(origin, wrong->cached->size);
    origin_lock(wrong->cache);
    wrong->flaw.offset = place;
    wrong->flaw.count = FLAW_COUNT;
    /* Room for those of this place: only so many are recorded. */
    wrong->cache->request_count = 0;
    origin_unlock(wrong->cache);
    if (wanted == WANTED_PARTS)
        download_about(wrong, resource, place);
    else
        download_same(wrong, resource, wanted == WANTED_STREAM);
    asked = origin_get_requests(wrong->cached, NULL);
    ok(asked > 0 && asked < ORIGIN_MAX_REQUESTS, "MCC-016: the cache host was not asked.\n");
    ok(wrong->flaw.count < FLAW_COUNT, "MCC-016: the byte was not sent.\n");
    ok(origin_get_requests(resource, &request) && *request.range, "MCC-016: the origin got %u requests, range %s.\n",
            origin_get_requests(resource, NULL), request.range);

    /* The cache host is banned, and not asked again. */
    if (wanted != WANTED_PARTS)
        download_same(wrong, resource, wanted == WANTED_STREAM);
    ok(origin_get_requests(wrong->cached, NULL) == asked, "MCC-016: the cache host was asked again.\n");
    origin_destroy(origin);
}

/* A cache host has a file with one wrong byte, at random places. */
static void test_wrong_cache(UINT64 size, unsigned int count, enum wanted wanted)
{
    UINT64 state = size + wanted;
    struct wrong_cache wrong;
    unsigned int i;

    if (!open_wrong_cache(&wrong, size))
        return;
    for (i = 0; i < count; ++i)
    {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        winetest_push_context("place %u of %u, %s", i, wanted, debugstr_u64((state >> 20) % size));
        play_wrong_place(&wrong, (state >> 20) % size, wanted);
        winetest_pop_context();
    }
    close_wrong_cache(&wrong);
}

START_TEST(dl_integrity)
{
    BOOL is_full = winetest_interactive;
    unsigned int i;

    if (!begin_dl_tests(COINIT_MULTITHREADED))
        return;
    test_faults();
    test_other_size(FALSE);
    test_other_size(TRUE);
    test_right();
    test_flaws(0, 20 * PIECE_SIZE + 5, 10, PIECE_SIZE);
    test_flaws(RESOURCE_IGNORES_RANGES, 20 * PIECE_SIZE + 5, 3, PIECE_SIZE);
    test_flaws(RESOURCE_IS_CHUNKED, 20 * PIECE_SIZE + 5, 3, PIECE_SIZE);
    test_flaws(0, 30 * 1024 * 1024, 200, PIECE_SIZE);
    if (is_full)
        test_flaws(0, 132 * 1024 * 1024, 1000, PIECE_SIZE);
    test_chunked_repair();
    test_wrong(TRUE);
    test_wrong(FALSE);
    test_stream(0, 0, 0);
    test_stream(PIECE_SIZE * 5 + 1, 0, 0);
    test_stream(PIECE_SIZE * 20, 5, 2);
    test_stream(30 * 1024 * 1024, 20, 1);
    test_stream(PIECE_SIZE * 5, 1, ORIGIN_FOREVER);
    test_replaced_stream();
    test_refused_stream();
    test_changed_piece();
    test_range_behind(TRUE);
    test_range_behind(FALSE);
    test_ranges(FALSE, 0);
    test_ranges(FALSE, 3);
    test_ranges(TRUE, 0);
    test_ranges(TRUE, 3);
    test_wrong_range();
    for (i = 0; i < 4; ++i)
    {
        winetest_push_context("%s, %s", i / 2 ? "stream" : "file", i % 2 ? "Abort" : "Pause");
        test_silent_piece(i / 2, i % 2);
        winetest_pop_context();
    }
    test_wrong_cache(30 * PIECE_SIZE + 77, 5, WANTED_FILE);
    test_wrong_cache(30 * PIECE_SIZE + 77, 5, WANTED_STREAM);
    test_wrong_cache(30 * PIECE_SIZE + 77, 10, WANTED_PARTS);
    if (is_full)
    {
        test_wrong_cache(100 * 1024 * 1024, 20, WANTED_FILE);
        test_wrong_cache(100 * 1024 * 1024, 1000, WANTED_PARTS);
    }
    test_progress();
    test_retry();
    test_request();
    test_restart(END_STOP);
    test_restart(END_KILL);
    CoUninitialize();
}
