/*
 * doctl: verbs
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

static const struct verb verbs[] =
{
    {L"get",      IDS_HELP_GET,     get_options,    0, MAX_ARGS, get_run},
    {L"status",   IDS_HELP_STATUS,  status_options, 0, 1, status_run},
    {L"monitor",  IDS_HELP_MONITOR, monitor_options, 0, 0, monitor_run},
    {L"perf",     IDS_HELP_PERF,    perf_options,   0, 0, perf_run},
    {L"pause",    IDS_HELP_CONTROL, NULL,           1, 1, control_run},
    {L"resume",   IDS_HELP_CONTROL, NULL,           1, 1, control_run},
    {L"cancel",   IDS_HELP_CONTROL, NULL,           1, 1, control_run},
    {L"complete", IDS_HELP_CONTROL, NULL,           1, 1, control_run},
    {L"doctor",   IDS_HELP_DOCTOR,  doctor_options, 0, 1, doctor_run, TRUE},
    {L"service",  IDS_HELP_SERVICE, service_options, 0, 1, service_run},
    {L"log",      IDS_HELP_LOG,     log_options,    0, 0, log_run},
    {L"config",   IDS_HELP_CONFIG,  config_options, 0, 2, config_run, TRUE},
    {L"explain",  IDS_HELP_EXPLAIN, explain_options, 1, 1, explain_run},
    {L"cache-host", IDS_HELP_CACHE_HOST, cache_host_options, 0, 1, cache_host_run, TRUE},
    {L"hash",     IDS_HELP_HASH,    hash_options,   2, 3, hash_run},
};

static const struct verb *find_verb(const WCHAR *name)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(verbs); ++i)
    {
        if (!wcscmp(name, verbs[i].name))
            return &verbs[i];
    }
    return NULL;
}

static enum exit_code run_verb(const struct verb *verb, int argc, WCHAR **argv)
{
    ULONGLONG values[MAX_OPTION_VALUES / sizeof(ULONGLONG)] = {0};
    WCHAR *args[MAX_ARGS + 1] = {NULL};
    BOOL help = FALSE;

    if (!parse_options(verb, argc, argv, values, args, &help))
    {
        write_message(STD_ERROR_HANDLE, IDS_SEE_HELP, verb->name);
        return EXIT_USAGE;
    }
    if (help)
    {
        write_message(STD_OUTPUT_HANDLE, verb->help);
        return EXIT_DONE;
    }
    if (verb->is_do_only && service_is_bits())
        return report_usage(verb, IDS_DO_ONLY, NULL);
    return verb->run(verb, values, args);
}

static BOOL is_word(const WCHAR *arg, const WCHAR *name, WCHAR letter)
{
    if (arg[0] == '-' && arg[1] == '-')
        return !wcscmp(arg + 2, name);
    if (arg[0] != '-' && arg[0] != '/')
        return FALSE;
    return (arg[1] == letter && !arg[2]) || (arg[0] == '/' && !wcscmp(arg + 1, name));
}

int __cdecl wmain(int argc, WCHAR **argv);

int __cdecl wmain(int argc, WCHAR **argv)
{
    const struct verb *verb;

    if (argc >= 2 && !wcscmp(argv[1], L"--bits"))
    {
        service_use_bits();
        --argc;
        ++argv;
    }
    if (argc < 2)
    {
        write_message(STD_ERROR_HANDLE, IDS_HELP);
        return EXIT_USAGE;
    }
    if (is_word(argv[1], L"help", 'h') || is_word(argv[1], L"help", '?'))
    {
        write_message(STD_OUTPUT_HANDLE, IDS_HELP);
        return EXIT_DONE;
    }
    if (is_word(argv[1], L"version", 'V'))
    {
        write_message(STD_OUTPUT_HANDLE, IDS_VERSION, L"" DOSVC_VERSION);
        return EXIT_DONE;
    }
    if (!(verb = find_verb(argv[1])))
    {
        write_message(STD_ERROR_HANDLE, IDS_UNKNOWN_VERB, argv[1]);
        return EXIT_USAGE;
    }
    return run_verb(verb, argc - 2, argv + 2);
}
