/*
 * doctl config: settings that administrators make
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

#include "doctl.h"
#include "base/policy_registry.h"

struct config_values
{
    BOOL set;
    BOOL unset;
    BOOL json;
};

const struct option config_options[] =
{
    {L"set",   's', OPTION_FLAG, offsetof(struct config_values, set)},
    {L"unset", 'u', OPTION_FLAG, offsetof(struct config_values, unset)},
    {L"json",  'j', OPTION_FLAG, offsetof(struct config_values, json)},
    {NULL}
};

/* Return the text of a value, or of the default; NULL if there is none. free() it. */
static WCHAR *value_text(const struct policy_rule *rule, const struct policy_value *value)
{
    WCHAR number[16];

    if (value->provider == PROVIDER_DEFAULT)
        return rule->default_value ? wcsdup(rule->default_value) : NULL;
    if (rule->type != POLICY_NUMBER)
        return wcsdup(value->text);
    swprintf(number, ARRAY_SIZE(number), L"%lu", value->number);
    return wcsdup(number);
}

static const WCHAR *provider_name(enum policy_provider provider)
{
    static const WCHAR * const names[] = {L"Default", L"Settings", L"Policy"};

    return names[provider];
}

static void write_json(const struct policy_rule *rule, const struct policy_value *value, const WCHAR *text)
{
    write_text(STD_OUTPUT_HANDLE, L"{\"name\":");
    write_json_value(rule->name);
    write_json_member(L"value", text, rule->type != POLICY_NUMBER);
    write_json_member(L"unit", rule->unit, TRUE);
    write_json_member(L"provider", provider_name(value->provider), TRUE);
    write_json_member(L"effect", rule->action == POLICY_USED ? L"true" : L"false", FALSE);
    write_json_member(L"rejected", value->rejected, TRUE);
    write_text(STD_OUTPUT_HANDLE, L"}");
}

static void write_line(const struct policy_rule *rule, const struct policy_value *value, const WCHAR *text)
{
    WCHAR *unset = format_message(IDS_CONFIG_UNSET), *no_effect = format_message(IDS_CONFIG_NO_EFFECT);
    WCHAR *rejected = value->rejected ? format_message(IDS_CONFIG_REJECTED, value->rejected) : NULL;

    write_message(STD_OUTPUT_HANDLE, IDS_CONFIG_LINE, rule->name, provider_name(value->provider),
            text ? text : unset ? unset : L"", text && rule->unit ? L" " : L"", text && rule->unit ? rule->unit : L"",
            rule->action != POLICY_USED && no_effect ? no_effect : L"", rejected ? rejected : L"");
    free(unset);
    free(no_effect);
    free(rejected);
}

static void write_setting(enum policy policy, BOOL json)
{
    const struct policy_rule *rule = &policy_rules[policy];
    struct policy_value value;
    WCHAR *text;

    policy_read(policy, policy_places, POLICY_PLACE_COUNT, &value);
    text = value_text(rule, &value);
    if (json)
        write_json(rule, &value, text);
    else
        write_line(rule, &value, text);
    free(text);
    free(value.text);
}

/* Write one setting, or all of them. */
static void write_settings(const enum policy *policy, BOOL json)
{
    unsigned int i, first = policy ? *policy : 0, end = policy ? first + 1 : POLICY_COUNT;

    hold_output(TRUE);
    if (json)
        write_text(STD_OUTPUT_HANDLE, L"{\"schema\":1,\"settings\":[");
    for (i = first; i < end; ++i)
    {
        if (json)
            write_text(STD_OUTPUT_HANDLE, i > first ? L",\n" : L"\n");
        write_setting(i, json);
    }
    if (json)
        write_text(STD_OUTPUT_HANDLE, L"\n]}\n");
    hold_output(FALSE);
}

/* Set a value for which no policy is needed. */
static LSTATUS set_value(const struct policy_rule *rule, const WCHAR *text)
{
    const struct policy_place *place = &policy_places[POLICY_PLACE_COUNT - 1];
    DWORD number, size = (wcslen(text) + 1) * sizeof(WCHAR);
    LSTATUS error;
    HKEY key;

    if (rule->type == POLICY_NUMBER && !policy_parse_number(rule, REG_SZ, text, size, &number))
        return ERROR_INVALID_DATA;
    if ((error = RegCreateKeyExW(place->root, place->path, 0, NULL, 0, KEY_SET_VALUE | KEY_WOW64_64KEY, NULL, &key,
            NULL)))
        return error;
    if (rule->type == POLICY_NUMBER)
        error = RegSetValueExW(key, rule->name, 0, REG_DWORD, (const BYTE *)&number, sizeof(number));
    else
        error = RegSetValueExW(key, rule->name, 0, REG_SZ, (const BYTE *)text, size);
    RegCloseKey(key);
    return error;
}

static LSTATUS unset_value(const struct policy_rule *rule)
{
    const struct policy_place *place = &policy_places[POLICY_PLACE_COUNT - 1];
    LSTATUS error;
    HKEY key;

    if (!(error = RegOpenKeyExW(place->root, place->path, 0, KEY_SET_VALUE | KEY_WOW64_64KEY, &key)))
    {
        error = RegDeleteValueW(key, rule->name);
        if (rule->alias && (!error || error == ERROR_FILE_NOT_FOUND))
            error = RegDeleteValueW(key, rule->alias);
        RegCloseKey(key);
    }
    return error == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : error;
}

static BOOL are_args_complete(const struct config_values *config, WCHAR **args)
{
    if (config->set)
        return !config->unset && args[0] && args[1];
    return !args[1] && (args[0] || !config->unset);
}

enum exit_code config_run(const struct verb *verb, const void *values, WCHAR **args)
{
    const struct config_values *config = values;
    enum policy policy;
    LSTATUS error = ERROR_SUCCESS;

    if (!are_args_complete(config, args))
        return report_usage(verb, IDS_BAD_CONFIG, NULL);
    if (args[0] && !policy_find(args[0], &policy))
        return report_usage(verb, IDS_BAD_SETTING, args[0]);
    if (config->set && policy_rules[policy].is_of_bits)
        return report_usage(verb, IDS_CONFIG_POLICY, args[0]);
    if (config->set && (error = set_value(&policy_rules[policy], args[1])) == ERROR_INVALID_DATA)
        return report_usage(verb, IDS_BAD_SETTING_VALUE, args[1]);
    if (config->unset)
        error = unset_value(&policy_rules[policy]);
    if (error)
        return report_error(HRESULT_FROM_WIN32(error), args[0]);
    write_settings(args[0] ? &policy : NULL, config->json);
    return EXIT_DONE;
}
