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
    const WCHAR *option; /* NULL if there is none */
    size_t offset;       /* of its value */
}
verbs[] =
{
    {L"install",   install_run,   TRUE, TRUE,  L"--without-bits",   offsetof(struct options, without_bits)},
    {L"uninstall", uninstall_run, TRUE, FALSE, L"--keep-downloads", offsetof(struct options, keep_downloads)},
    {L"status",    status_run},
    {L"verify",    verify_run},
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

static enum exit_code parse_arguments(const struct verb *verb, int argc, WCHAR **argv, struct options *options)
{
    int i;

    for (i = 0; i < argc; ++i)
    {
        if (verb->option && !wcscmp(argv[i], verb->option))
            *(BOOL *)((char *)options + verb->offset) = TRUE;
        else if (argv[i][0] == '-')
            return usage(IDS_UNKNOWN_OPTION, argv[i]);
        else if (verb->takes_source && !options->source && argv[i][0])
            options->source = argv[i];
        else
            return usage(IDS_TOO_MANY_ARGUMENTS, argv[i]);
    }
    return EXIT_DONE;
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
