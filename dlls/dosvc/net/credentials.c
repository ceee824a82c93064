/*
 * Credentials of jobs, and the dialogs with servers and proxies that ask for them
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

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define SECURITY_WIN32
#include "windef.h"
#include "winbase.h"
#include "winternl.h"
#include "wincrypt.h"
#include "bcrypt.h"
#include "security.h"
#include "rpc.h"
#include "rpcdce.h"

#include "base/base.h"
#include "base/base64.h"
#include "base/digest.h"
#include "net/credentials.h"
#include "net/request.h"

#include "base/log.h"

WINE_DEFAULT_DEBUG_CHANNEL(dosvc);

#define ROUNDS_MAX 8 /* answers to one that goes on asking */

static void free_secret(WCHAR *text)
{
    if (text)
        SecureZeroMemory(text, wcslen(text) * sizeof(*text));
    free(text);
}

struct credentials *credentials_addref(struct credentials *credentials)
{
    if (credentials)
        InterlockedIncrement(&credentials->refcount);
    return credentials;
}

void credentials_release(struct credentials *credentials)
{
    UINT target, scheme;

    if (!credentials || InterlockedDecrement(&credentials->refcount))
        return;
    for (target = 0; target < AUTH_TARGET_COUNT; target++)
    {
        for (scheme = 0; scheme < AUTH_SCHEME_COUNT; scheme++)
        {
            free_secret(credentials->entries[target][scheme].user);
            free_secret(credentials->entries[target][scheme].password);
        }
    }
    free(credentials);
}

/* FALSE if out of memory. */
static BOOL copy_credential(const struct credential *from, struct credential *to)
{
    to->is_set = from->is_set;
    to->user = from->user ? wcsdup(from->user) : NULL;
    to->password = from->password ? wcsdup(from->password) : NULL;
    return !to->user == !from->user && !to->password == !from->password;
}

struct credentials *credentials_replace(const struct credentials *credentials, enum auth_target target,
        enum auth_scheme scheme, const struct credential *credential)
{
    static const struct credentials none;
    const struct credentials *from = credentials ? credentials : &none;
    struct credentials *copy;
    BOOL is_copied = TRUE;
    UINT i, j;

    if (!(copy = calloc(1, sizeof(*copy))))
        return NULL;
    copy->refcount = 1;
    copy->is_proxy_logon = from->is_proxy_logon;
    for (i = 0; i < AUTH_TARGET_COUNT; i++)
    {
        for (j = 0; j < AUTH_SCHEME_COUNT; j++)
            is_copied &= copy_credential(i == target && j == scheme ? credential : &from->entries[i][j],
                    &copy->entries[i][j]);
    }
    if (is_copied)
        return copy;
    credentials_release(copy);
    return NULL;
}

struct credentials *credentials_add_proxy_logon(const struct credentials *credentials)
{
    static const struct credential none;
    struct credentials *copy;

    copy = credentials_replace(credentials, AUTH_PROXY, AUTH_NEGOTIATE,
            credentials ? &credentials->entries[AUTH_PROXY][AUTH_NEGOTIATE] : &none);
    if (copy)
        copy->is_proxy_logon = TRUE;
    return copy;
}

/* Return what to answer with, or NULL. */
static const struct credential *find_credential(const struct credentials *credentials, enum auth_target target,
        enum auth_scheme scheme)
{
    static const struct credential logon = { TRUE };

    if (credentials && credentials->entries[target][scheme].is_set)
        return &credentials->entries[target][scheme];
    if (credentials && credentials->is_proxy_logon && target == AUTH_PROXY
            && (scheme == AUTH_NEGOTIATE || scheme == AUTH_NTLM))
        return &logon;
    return NULL;
}

static BOOL get_hash(enum auth_hash hash, const void *data, UINT size, char hex[AUTH_HEX_MAX])
{
    enum digest_algorithm algorithm = hash == AUTH_SHA256 ? DIGEST_SHA256 : DIGEST_MD5;
    BYTE bytes[DIGEST_SIZE_MAX];
    UINT i;

    if (!digest_compute(algorithm, data, size, bytes))
        return FALSE;
    for (i = 0; i < digest_get_size(algorithm); i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    return TRUE;
}

/* NTLM and Negotiate, which the system's packages play. */

struct sspi
{
    CredHandle handle;
    CtxtHandle context;
    BOOL has_handle, has_context;
    ULONG token_max; /* bytes */
};

static void sspi_destroy(struct sspi *sspi)
{
    if (!sspi)
        return;
    if (sspi->has_context)
        DeleteSecurityContext(&sspi->context);
    if (sspi->has_handle)
        FreeCredentialsHandle(&sspi->handle);
    free(sspi);
}

static const WCHAR *get_package(enum auth_scheme scheme)
{
    return scheme == AUTH_NTLM ? L"NTLM" : L"Negotiate";
}

/* Acquire the credentials of "user" or "domain\user", or those of the logon. */
static SECURITY_STATUS acquire(struct sspi *sspi, enum auth_scheme scheme, const struct credential *credential)
{
    WCHAR *package = (WCHAR *)get_package(scheme), *user = credential->user, *slash;
    SEC_WINNT_AUTH_IDENTITY_W identity = { .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE };
    SECURITY_STATUS status;
    SecPkgInfoW *info;

    if ((status = QuerySecurityPackageInfoW(package, &info)))
        return status;
    sspi->token_max = info->cbMaxToken;
    FreeContextBuffer(info);
    if (user && (slash = wcschr(user, '\\')))
    {
        identity.Domain = (unsigned short *)user;
        identity.DomainLength = slash - user;
        user = slash + 1;
    }
    if (user)
    {
        identity.User = (unsigned short *)user;
        identity.UserLength = wcslen(user);
        identity.Password = (unsigned short *)(credential->password ? credential->password : L"");
        identity.PasswordLength = wcslen((WCHAR *)identity.Password);
    }
    status = AcquireCredentialsHandleW(NULL, package, SECPKG_CRED_OUTBOUND, NULL, user ? &identity : NULL, NULL, NULL,
            &sspi->handle, NULL);
    sspi->has_handle = !status;
    return status;
}

/* Decode base64. The caller frees the bytes; NULL if there are none, or not in order. */
static BYTE *decode_token(const struct slice *token, DWORD *size)
{
    BYTE *bytes;

    *size = 0;
    if (!token->length || !(bytes = malloc(*size = token->length)))
        return NULL;
    if (CryptStringToBinaryA(token->text, token->length, CRYPT_STRING_BASE64, bytes, size, NULL, NULL))
        return bytes;
    free(bytes);
    *size = 0;
    return NULL;
}

/* Make the next token, out of what the other side has sent, if anything. */
static SECURITY_STATUS make_token(struct sspi *sspi, const WCHAR *name, const struct slice *token, SecBuffer *output)
{
    SecBuffer input = { 0, SECBUFFER_TOKEN };
    SecBufferDesc input_list = { SECBUFFER_VERSION, 1, &input }, output_list = { SECBUFFER_VERSION, 1, output };
    SECURITY_STATUS status;
    ULONG flags;

    if (sspi->has_context && !(input.pvBuffer = decode_token(token, &input.cbBuffer)))
        return SEC_E_INVALID_TOKEN;
    status = InitializeSecurityContextW(&sspi->handle, sspi->has_context ? &sspi->context : NULL, (WCHAR *)name,
            ISC_REQ_CONNECTION, 0, SECURITY_NATIVE_DREP, sspi->has_context ? &input_list : NULL, 0, &sspi->context,
            &output_list, &flags, NULL);
    free(input.pvBuffer);
    if (FAILED(status))
        return status;
    sspi->has_context = TRUE;
    if (status == SEC_I_COMPLETE_NEEDED || status == SEC_I_COMPLETE_AND_CONTINUE)
        return CompleteAuthToken(&sspi->context, &output_list);
    return SEC_E_OK;
}

/* Write the field with the next token. FALSE if the package cannot go on. */
static BOOL sspi_step(struct auth_dialog *dialog, const char *host, const struct slice *token)
{
    const char *scheme = dialog->scheme == AUTH_NTLM ? "NTLM" : "Negotiate";
    SecBuffer output = { dialog->sspi->token_max, SECBUFFER_TOKEN };
    WCHAR name[URL_HOST_MAX + 8];
    SECURITY_STATUS status;
    UINT length = strlen(scheme) + 1, size;

    swprintf(name, ARRAY_SIZE(name), L"HTTP/%hs", host);
    if (!(output.pvBuffer = malloc(output.cbBuffer)))
        return FALSE;
    status = make_token(dialog->sspi, name, token, &output);
    TRACE("%s, round %u, status %#lx, %lu bytes.\n", scheme, dialog->rounds, status, output.cbBuffer);
    free(dialog->token);
    dialog->token = NULL;
    size = length + (output.cbBuffer + 2) / 3 * 4 + 1;
    if (!status && output.cbBuffer && (dialog->token = malloc(size)))
    {
        snprintf(dialog->token, size, "%s ", scheme);
        encode_base64(output.pvBuffer, output.cbBuffer, dialog->token + length);
    }
    free(output.pvBuffer);
    return !!dialog->token;
}

static BOOL is_sspi(enum auth_scheme scheme)
{
    return scheme == AUTH_NEGOTIATE || scheme == AUTH_NTLM;
}

/* FALSE if the scheme cannot be played here. */
static BOOL begin(struct auth_dialog *dialog, const struct credential *credential, const char *host)
{
    static const struct slice no_token;
    SECURITY_STATUS status;

    if (!is_sspi(dialog->scheme))
        return TRUE;
    if (!(dialog->sspi = calloc(1, sizeof(*dialog->sspi))))
        return FALSE;
    if ((status = acquire(dialog->sspi, dialog->scheme, credential)))
        WARN("no package %s here, status %#lx.\n", debugstr_w(get_package(dialog->scheme)), status);
    else if (sspi_step(dialog, host, &no_token))
        return TRUE;
    sspi_destroy(dialog->sspi);
    dialog->sspi = NULL;
    return FALSE;
}

/* Keep the challenges for the requests to come. */
static BOOL keep_challenges(struct auth_dialog *dialog, const char *challenges)
{
    free(dialog->challenges);
    dialog->count = 0;
    return (dialog->challenges = strdup(challenges)) != NULL;
}

static BOOL go_on(struct auth_dialog *dialog, const char *host, const char *challenges)
{
    struct auth_challenge challenge;

    if (dialog->rounds >= ROUNDS_MAX || !auth_find_challenge(challenges, dialog->scheme, &challenge))
        return FALSE;
    if (is_sspi(dialog->scheme))
        return challenge.token.length && sspi_step(dialog, host, &challenge.token);
    return dialog->scheme == AUTH_DIGEST && challenge.is_stale && keep_challenges(dialog, challenges);
}

BOOL auth_dialog_answer(struct auth_dialog *dialog, const struct credentials *credentials, enum auth_target target,
        const char *host, const char *challenges)
{
    const struct credential *credential;
    struct auth_challenge challenge;
    UINT scheme;

    if (!challenges)
        return FALSE;
    if (dialog->rounds)
    {
        dialog->rounds++;
        return go_on(dialog, host, challenges);
    }
    dialog->target = target;
    for (scheme = 0; scheme < AUTH_SCHEME_COUNT; scheme++)
    {
        dialog->scheme = scheme;
        if ((credential = find_credential(credentials, target, scheme))
                && auth_find_challenge(challenges, scheme, &challenge) && begin(dialog, credential, host))
            break;
    }
    if (scheme == AUTH_SCHEME_COUNT || !keep_challenges(dialog, challenges))
        return FALSE;
    TRACE("%s asks, scheme %u.\n", target == AUTH_PROXY ? "the proxy" : "the server", scheme);
    dialog->rounds = 1;
    return TRUE;
}

BOOL auth_dialog_is_bound(const struct auth_dialog *dialog)
{
    return dialog->sspi && dialog->rounds > 1;
}

/* Return the field for a request that is written already; NULL if out of memory. */
static char *make_answer(struct auth_dialog *dialog, const struct credential *credential, const char *message)
{
    struct auth_challenge challenge;
    struct auth_client client = { credential->user, credential->password, .get_hash = get_hash };
    char method[40], nonce[33];
    const char *end = strchr(message, ' ');
    BYTE random[16];
    UINT i;

    auth_find_challenge(dialog->challenges, dialog->scheme, &challenge);
    if (dialog->scheme == AUTH_BASIC)
        return auth_answer_basic(&challenge, &client);
    snprintf(method, sizeof(method), "%.*s", (int)(end - message), message);
    client.method = method;
    client.target.text = end + 1;
    client.target.length = strchr(end + 1, ' ') - client.target.text;
    if (BCryptGenRandom(NULL, random, sizeof(random), BCRYPT_USE_SYSTEM_PREFERRED_RNG))
        return NULL;
    for (i = 0; i < sizeof(random); i++)
        snprintf(nonce + 2 * i, 3, "%02x", random[i]);
    client.nonce = nonce;
    client.count = ++dialog->count;
    return auth_answer_digest(&challenge, &client);
}

DWORD auth_dialog_write(struct auth_dialog *dialog, const struct credentials *credentials, char **message, UINT *size)
{
    const char *name = dialog->target == AUTH_PROXY ? "proxy-authorization" : "authorization";
    const struct credential *credential;
    char *value = NULL;
    DWORD error;

    if (!dialog->rounds)
        return ERROR_SUCCESS;
    if (is_sspi(dialog->scheme))
    {
        value = dialog->token;
        dialog->token = NULL;
    }
    else if (!(credential = find_credential(credentials, dialog->target, dialog->scheme))
            || !(value = make_answer(dialog, credential, *message)))
        return ERROR_OUTOFMEMORY;
    error = request_set_field(message, size, name, value);
    free(value);
    return error;
}

void auth_dialog_end(struct auth_dialog *dialog)
{
    sspi_destroy(dialog->sspi);
    free(dialog->challenges);
    free(dialog->token);
    memset(dialog, 0, sizeof(*dialog));
}
