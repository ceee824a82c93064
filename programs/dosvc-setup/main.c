/*
 * dosvc-setup: the command line
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

#include "setup.h"

static const struct verb
{
    const WCHAR *name;
    enum exit_code (*run)(const struct options *options);
    BOOL is_writing;
    BOOL takes_source;
}
verbs[] =
{
    {L"install",   install_run,   TRUE, TRUE},
    {L"uninstall", uninstall_run, TRUE, FALSE},
    {L"status",    status_run},
    {L"verify",    verify_run},
};

static const struct option
{
    const struct verb *verb;
    const WCHAR *name;
    size_t offset; /* of its value */
}
option_table[] =
{
    {&verbs[0], L"--bits",           offsetof(struct options, with_bits)},
    {&verbs[0], L"--without-bits",   offsetof(struct options, without_bits)},
    {&verbs[0], L"--force",          offsetof(struct options, force)},
    {&verbs[1], L"--bits",           offsetof(struct options, with_bits)},
    {&verbs[1], L"--keep-downloads", offsetof(struct options, keep_downloads)},
    {&verbs[1], L"--purge",          offsetof(struct options, purge)},
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

static enum exit_code usage(UINT id, const WCHAR *text)
{
    print_error(id, text);
    print_error(IDS_SEE_HELP);
    return EXIT_USAGE;
}

static BOOL set_option(const struct verb *verb, const WCHAR *name, struct options *options)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(option_table); ++i)
    {
        if (option_table[i].verb != verb || wcscmp(option_table[i].name, name))
            continue;
        *(BOOL *)((char *)options + option_table[i].offset) = TRUE;
        return TRUE;
    }
    return FALSE;
}

static enum exit_code parse_arguments(const struct verb *verb, int argc, WCHAR **argv, struct options *options)
{
    int i;

    for (i = 0; i < argc; ++i)
    {
        if (set_option(verb, argv[i], options))
            continue;
        if (argv[i][0] == '-')
            return usage(IDS_UNKNOWN_OPTION, argv[i]);
        if (!verb->takes_source || options->source || !argv[i][0])
            return usage(IDS_TOO_MANY_ARGUMENTS, argv[i]);
        options->source = argv[i];
    }
    return options->with_bits && options->without_bits ? usage(IDS_CONTRADICTION, NULL) : EXIT_DONE;
}

/* Hand the task of a 32-bit program to the 64-bit one. The 32-bit program sees system32 through a redirection, and
 * would make a 32-bit service; it runs if the name wine stands for a 32-bit loader. */
static enum exit_code run_64bit_program(void)
{
    WCHAR path[MAX_PATH];
    DWORD code;

    GetWindowsDirectoryW(path, MAX_PATH / 2);
    wcscat(path, L"\\sysnative\\dosvc-setup.exe");
    if (!run_program(path, GetCommandLineW(), &code))
        return code;
    print_error(IDS_NO_64BIT_PROGRAM);
    return EXIT_FAILED;
}

static void print_help(void)
{
    print(IDS_HELP);
    print(IDS_HELP_VERBS);
    print(IDS_HELP_CODES);
}

static enum exit_code run_verb(const struct verb *verb, int argc, WCHAR **argv)
{
    struct options options = {0};
    enum exit_code code;

    if ((code = parse_arguments(verb, argc, argv, &options)))
        return code;
    if (!is_wine())
    {
        print_error(IDS_NOT_WINE);
        return EXIT_FAILED;
    }
    if (registration_is_wow64())
        return run_64bit_program();
    if (verb->is_writing && !registration_lock())
    {
        print_error(IDS_LOCKED);
        return EXIT_FAILED;
    }
    return verb->run(&options);
}

int __cdecl wmain(int argc, WCHAR **argv)
{
    const struct verb *verb;

    if (argc < 2)
        return usage(IDS_NO_VERB, NULL);
    /* Requests of the program to copies of itself. */
    if (argc == 3 && !wcscmp(argv[1], L"--finish-removal"))
        return finish_removal(argv[2]);
    if (argc == 2 && !wcscmp(argv[1], L"--activate"))
        return activate();
    if (argc == 2 && !wcscmp(argv[1], L"--activate-bits"))
        return activate_bits();
    if (argc == 2 && !wcscmp(argv[1], L"--count-bits-jobs"))
        return count_bits_jobs();
    if (argc == 2 && !wcscmp(argv[1], L"--is-bits-class-dead"))
        return is_bits_class_dead();
    if (argc == 2 && !wcscmp(argv[1], L"--count-downloads"))
        return count_downloads();
    if (!wcscmp(argv[1], L"--help") || !wcscmp(argv[1], L"-h"))
    {
        print_help();
        return EXIT_DONE;
    }
    if (!wcscmp(argv[1], L"--version"))
    {
        print(IDS_VERSION);
        return EXIT_DONE;
    }
    if (argv[1][0] == '-')
        return usage(IDS_UNKNOWN_OPTION, argv[1]);
    if (!(verb = find_verb(argv[1])))
        return usage(IDS_UNKNOWN_VERB, argv[1]);
    return run_verb(verb, argc - 2, argv + 2);
}
