/*
 * Form of the service's log: lines, names of files, and how many are kept
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

#include "base/log_rules.h"
#include "base/text.h"

#define SECOND   10000000ull          /* units of a FILETIME */
#define DAY      (24 * 60 * 60 * SECOND)
#define CENTURY  146097               /* days of four centuries */
#define YEAR_1   584694               /* days from 1 March of the year 0 to 1 January 1601, where a FILETIME begins */
#define EXTENSION ".log"

static const char * const level_names[] =
{
    [LOG_ERROR] = "Error",
    [LOG_WARNING] = "Warning",
    [LOG_INFO] = "Info",
    [LOG_DEBUG] = "Debug",
};

const char *log_level_name(UINT level)
{
    return level < ARRAY_SIZE(level_names) ? level_names[level] : NULL;
}

/* Count years from March on, so that the day of a leap year is the last one. */
static void get_day(UINT64 time, UINT *year, UINT *month, UINT *day)
{
    UINT days = time / DAY + YEAR_1, era = days / CENTURY, of_era = days % CENTURY, of_year, years, march;

    years = (of_era - of_era / 1460 + of_era / 36524 - of_era / (CENTURY - 1)) / 365;
    of_year = of_era - (365 * years + years / 4 - years / 100);
    march = (5 * of_year + 2) / 153;
    *day = of_year - (153 * march + 2) / 5 + 1;
    *month = march < 10 ? march + 3 : march - 9;
    *year = era * 400 + years + (*month <= 2);
}

/* Return the days from 1 March of the year 0 to a date. */
static UINT count_days(UINT date)
{
    UINT year = date / 10000, month = date / 100 % 100, day = date % 100, era, years;

    year -= month <= 2;
    era = year / 400;
    years = year % 400;
    return era * CENTURY + years * 365 + years / 4 - years / 100 + (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
            + day - 1;
}

static void put_number(char **text, UINT number, UINT digits)
{
    UINT i;

    for (i = digits; i--; number /= 10)
        (*text)[i] = '0' + number % 10;
    *text += digits;
}

void log_format_time(UINT64 time, char text[LOG_TIME_LENGTH + 1])
{
    UINT seconds = time / SECOND % (24 * 60 * 60), year, month, day;

    get_day(time, &year, &month, &day);
    put_number(&text, year, 4);
    *text++ = '-';
    put_number(&text, month, 2);
    *text++ = '-';
    put_number(&text, day, 2);
    *text++ = 'T';
    put_number(&text, seconds / 3600, 2);
    *text++ = ':';
    put_number(&text, seconds / 60 % 60, 2);
    *text++ = ':';
    put_number(&text, seconds % 60, 2);
    *text++ = '.';
    put_number(&text, time % SECOND, 7);
    *text++ = 'Z';
    *text = 0;
}

/* Return whether there is a time at the beginning. */
static BOOL has_time(const struct slice *text)
{
    static const char form[] = "0000-00-00T00:00:00.0000000Z";
    UINT i;

    if (text->length < LOG_TIME_LENGTH)
        return FALSE;
    for (i = 0; i < LOG_TIME_LENGTH; i++)
    {
        if (form[i] == '0' ? !text_is_digit(text->text[i]) : text->text[i] != form[i])
            return FALSE;
    }
    return TRUE;
}

static void skip(struct slice *text, UINT length)
{
    text->text += length;
    text->length -= length;
}

/* Take what is in front of a character, which is skipped. */
static BOOL take_word(struct slice *text, char end, struct slice *word)
{
    const char *found = memchr(text->text, end, text->length);

    if (!found)
        return FALSE;
    word->text = text->text;
    word->length = found - text->text;
    skip(text, word->length + 1);
    return TRUE;
}

static BOOL take_hex(struct slice *text, UINT *number)
{
    struct slice word;
    UINT i;

    if (!take_word(text, ' ', &word) || !word.length || word.length > 8)
        return FALSE;
    for (*number = i = 0; i < word.length; i++)
    {
        if (text_hex_digit(word.text[i]) < 0)
            return FALSE;
        *number = *number << 4 | text_hex_digit(word.text[i]);
    }
    return TRUE;
}

static BOOL take_level(struct slice *text, enum log_level *level)
{
    struct slice word;
    UINT i;

    if (!take_word(text, ' ', &word))
        return FALSE;
    for (i = LOG_ERROR; i <= LOG_DEBUG; i++)
    {
        if (strlen(level_names[i]) != word.length || memcmp(level_names[i], word.text, word.length))
            continue;
        *level = i;
        return TRUE;
    }
    return FALSE;
}

BOOL log_parse_line(const char *text, UINT length, struct log_line *line)
{
    struct slice rest = { text, length }, function;

    while (rest.length && (rest.text[rest.length - 1] == '\n' || rest.text[rest.length - 1] == '\r'))
        rest.length--;
    if (!has_time(&rest))
        return FALSE;
    line->time = rest.text;
    skip(&rest, LOG_TIME_LENGTH);
    if (!rest.length || rest.text[0] != ' ')
        return FALSE;
    skip(&rest, 1);
    if (!take_hex(&rest, &line->process) || !take_hex(&rest, &line->thread) || !take_level(&rest, &line->level)
            || !rest.length || rest.text[0] != '{')
        return FALSE;
    skip(&rest, 1);
    if (!take_word(&rest, '}', &function) || !rest.length || rest.text[0] != ' ')
        return FALSE;
    line->function = function.text;
    line->function_length = function.length;
    line->message = rest.text + 1;
    line->message_length = rest.length - 1;
    return TRUE;
}

UINT log_date(UINT64 time)
{
    UINT year, month, day;

    get_day(time, &year, &month, &day);
    return year * 10000 + month * 100 + day;
}

void log_format_name(const struct log_file *file, const WCHAR *prefix, WCHAR name[LOG_NAME_MAX])
{
    UINT number = file->number, digits = 1, length = 0, i;
    char text[32], *p = text;

    *p++ = '.';
    put_number(&p, file->date, 8);
    for (i = number; i >= 10; i /= 10)
        digits++;
    if (number > 1)
    {
        *p++ = '.';
        put_number(&p, number, digits);
    }
    memcpy(p, EXTENSION, sizeof(EXTENSION));
    for (; prefix[length]; length++)
        name[length] = prefix[length];
    for (i = 0; text[i]; i++)
        name[length++] = text[i];
    name[length] = 0;
}

static BOOL is_date(UINT date)
{
    UINT month = date / 100 % 100, day = date % 100;

    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

BOOL log_parse_name(const WCHAR *name, const WCHAR *prefix, struct log_file *file)
{
    UINT length = text_length(prefix), digits = 0;
    WCHAR canonical[LOG_NAME_MAX];

    if (text_length(name) >= LOG_NAME_MAX || !text_matches(name, prefix, length) || name[length++] != '.')
        return FALSE;
    while (text_is_digit(name[length + digits]))
        digits++;
    if (digits != 8 || !text_parse_number(name + length, 8, 99991231, &file->date) || !is_date(file->date))
        return FALSE;
    length += 8;
    file->number = 1;
    for (digits = 0; name[length] == '.' && text_is_digit(name[length + 1 + digits]); digits++)
        ;
    if (digits && (!text_parse_number(name + length + 1, digits, 9999, &file->number) || file->number < 2))
        return FALSE;
    /* The rest is as it would be written. */
    log_format_name(file, prefix, canonical);
    return text_is_same(name, canonical);
}

int log_compare_files(const void *a, const void *b)
{
    const struct log_file *file = a, *other = b;

    if (file->date != other->date)
        return file->date < other->date ? -1 : 1;
    return file->number < other->number ? -1 : file->number > other->number;
}

UINT log_count_old(const struct log_file *files, UINT count, UINT today)
{
    UINT old = count > LOG_FILES_MAX ? count - LOG_FILES_MAX : 0;

    while (old < count && count_days(files[old].date) + LOG_DAYS_MAX <= count_days(today))
        old++;
    return old;
}
