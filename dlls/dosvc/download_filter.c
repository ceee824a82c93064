/*
 * Which downloads a client asks for by a property
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

#include "download.h"
#include "url.h"

BOOL download_can_filter(DODownloadProperty id)
{
    return id == DODownloadProperty_Id || id == DODownloadProperty_Uri || id == DODownloadProperty_ContentId
            || id == DODownloadProperty_DisplayName || id == DODownloadProperty_LocalPath;
}

static BOOL matches_id(const struct download *download, const WCHAR *value)
{
    WCHAR text[39] = L"{";
    size_t len = wcslen(value);
    GUID id;

    if (value[0] == '{' && len == 38)
        memcpy(text, value, sizeof(text));
    else if (len == 36)
    {
        memcpy(text + 1, value, len * sizeof(*value));
        text[37] = '}';
        text[38] = 0;
    }
    return SUCCEEDED(IIDFromString(text, &id)) && IsEqualGUID(&id, &download->id);
}

static BOOL matches_path(const WCHAR *path, const WCHAR *value)
{
    WCHAR *full = make_full_path(path), *other = make_full_path(value);
    BOOL ret = full && other && is_same_path(full, other);

    free(full);
    free(other);
    return ret;
}

/* Without user and password: who does not know them must not find out by trying. */
static BOOL matches_url(const WCHAR *url, const WCHAR *value)
{
    WCHAR *copy = wcsdup(url), *other = wcsdup(value);
    BOOL ret = copy && other;

    if (ret)
    {
        url_strip_userinfo(copy);
        url_strip_userinfo(other);
        ret = !wcscmp(copy, other);
    }
    free(copy);
    free(other);
    return ret;
}

static const WCHAR *get_text_locked(const struct download *download, DODownloadProperty id)
{
    const struct download_settings *settings = &download->settings;

    switch (id)
    {
        case DODownloadProperty_ContentId:
            return settings->content_id;
        case DODownloadProperty_DisplayName:
            return settings->display_name;
        default:
            return NULL;
    }
}

BOOL download_matches_locked(const struct download *download, DODownloadProperty id, const WCHAR *value)
{
    const WCHAR *text;

    if (id == DODownloadProperty_Id)
        return matches_id(download, value);
    if (id == DODownloadProperty_Uri)
        return download->settings.uri && matches_url(download->settings.uri, value);
    if (id == DODownloadProperty_LocalPath)
        return download->settings.path && matches_path(download->settings.path, value);
    return (text = get_text_locked(download, id)) && !wcscmp(text, value);
}
