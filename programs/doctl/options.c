/*
 * doctl: command line options
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

/* Return whether an argument is an option: no number, and unlike a Unix path, /name has no further slash. */
static BOOL is_option(const WCHAR *arg)
{
    if (arg[0] == '-')
        return arg[1] && (arg[1] < '0' || arg[1] > '9');
    return arg[0] == '/' && arg[1] && !wcspbrk(arg + 1, L"/\\");
}

static BOOL is_help(const WCHAR *arg)
{
    return !wcscmp(arg, L"--help") || !wcscmp(arg, L"-h") || !wcscmp(arg, L"-?") || !wcscmp(arg, L"/help")
            || !wcscmp(arg, L"/h") || !wcscmp(arg, L"/?");
}

/* Set the value to the part of the argument behind = or :, or to NULL if there is none. */
static const struct option *find_option(const struct option *options, const WCHAR *arg, const WCHAR **value)
{
    const WCHAR *name = arg + 1, *end;
    BOOL is_long = arg[0] == '/';

    if (arg[0] == '-' && arg[1] == '-')
    {
        is_long = TRUE;
        ++name;
    }
    end = name + wcscspn(name, L"=:");
    *value = *end ? end + 1 : NULL;
    for (; options && options->name; ++options)
    {
        if (end - name == 1 && name == arg + 1 && *name == options->letter)
            return options;
        if (is_long && wcslen(options->name) == (size_t)(end - name) && !wcsncmp(options->name, name, end - name))
            return options;
    }
    return NULL;
}

static BOOL parse_number(const WCHAR *text, struct number *number)
{
    ULONGLONG value = 0;

    if (!*text)
        return FALSE;
    for (; *text; ++text)
    {
        if (*text < '0' || *text > '9')
            return FALSE;
        if ((value = value * 10 + *text - '0') > MAXDWORD)
            return FALSE;
    }
    number->is_set = TRUE;
    number->value = value;
    return TRUE;
}

static BOOL parse_choice(const WCHAR *choices, const WCHAR *text, int *choice)
{
    size_t length, count = wcslen(text);

    for (*choice = 0;; ++*choice)
    {
        length = wcscspn(choices, L"|");
        if (length == count && !wcsncmp(choices, text, count))
            return TRUE;
        if (!choices[length])
            return FALSE;
        choices += length + 1;
    }
}

static BOOL add_item(const WCHAR *text, struct list *list)
{
    if (list->count == MAX_LIST)
        return FALSE;
    list->items[list->count++] = text;
    return TRUE;
}

static BOOL set_value(const struct option *option, const WCHAR *text, void *values)
{
    void *value = (char *)values + option->offset;

    switch (option->type)
    {
        case OPTION_FLAG:
            *(BOOL *)value = TRUE;
            return TRUE;
        case OPTION_NUMBER:
            return parse_number(text, value);
        case OPTION_STRING:
            *(const WCHAR **)value = text;
            return TRUE;
        case OPTION_CHOICE:
            return parse_choice(option->choices, text, value);
        case OPTION_LIST:
            return add_item(text, value);
    }
    return FALSE;
}

/* Parse the option at *argv and move on to its last argument. */
static BOOL parse_option(const struct option *options, int *argc, WCHAR ***argv, void *values)
{
    const struct option *option;
    const WCHAR *value;

    if (!(option = find_option(options, **argv, &value)))
    {
        write_message(STD_ERROR_HANDLE, IDS_UNKNOWN_OPTION, **argv);
        return FALSE;
    }
    if (option->type == OPTION_FLAG && value)
    {
        write_message(STD_ERROR_HANDLE, IDS_OPTION_NO_VALUE, option->name);
        return FALSE;
    }
    if (option->type != OPTION_FLAG && !value && *argc > 1)
    {
        value = *++*argv;
        --*argc;
    }
    if ((option->type != OPTION_FLAG && !value) || !set_value(option, value, values))
    {
        write_message(STD_ERROR_HANDLE, IDS_OPTION_VALUE, option->name, value ? value : L"");
        return FALSE;
    }
    return TRUE;
}

BOOL parse_options(const struct verb *verb, int argc, WCHAR **argv, void *values, WCHAR **args, BOOL *help)
{
    unsigned int count = 0;
    BOOL only_args = FALSE;

    for (; argc > 0; --argc, ++argv)
    {
        if (!only_args && is_help(*argv))
            return *help = TRUE;
        if (!only_args && !wcscmp(*argv, L"--"))
        {
            only_args = TRUE;
        }
        else if (!only_args && is_option(*argv))
        {
            if (!parse_option(verb->options, &argc, &argv, values))
                return FALSE;
        }
        else if (count == verb->max_args)
        {
            write_message(STD_ERROR_HANDLE, IDS_TOO_MANY_ARGUMENTS, *argv);
            return FALSE;
        }
        else
        {
            args[count++] = *argv;
        }
    }
    if (count < verb->min_args)
    {
        write_message(STD_ERROR_HANDLE, IDS_MISSING_ARGUMENT);
        return FALSE;
    }
    return TRUE;
}

enum exit_code report_usage(const struct verb *verb, UINT message, const WCHAR *text)
{
    write_message(STD_ERROR_HANDLE, message, text);
    write_message(STD_ERROR_HANDLE, IDS_SEE_HELP, verb->name);
    return EXIT_USAGE;
}
