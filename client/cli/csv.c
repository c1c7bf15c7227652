#include "cli/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { END_OF_INPUT = -1, READ_FAILED = -2 };

/* How a cell ended. */
enum cell_end { CELL_COMMA, CELL_LINE, CELL_INPUT, CELL_BROKEN };

const struct csv_form csv_standard = {',', true};

void csv_init(struct csv_reader *reader, csv_source *read, void *source)
{
    *reader = (struct csv_reader){.form = csv_standard, .read = read, .source = source, .line = 1};
    reader->input = malloc(CSV_INPUT_SIZE);
    reader->text = malloc(CSV_ROW_MAX);
    CHECK(reader->input && reader->text);
}

void csv_done(struct csv_reader *reader)
{
    free(reader->input);
    free(reader->text);
    reader->input = reader->text = NULL;
}

int64_t csv_position(const struct csv_reader *reader)
{
    return reader->input_byte + (int64_t)reader->input_at;
}

static int refill(struct csv_reader *reader)
{
    reader->input_byte += (int64_t)reader->input_size;
    reader->input_at = reader->input_size = 0;
    long got = reader->read(reader->source, reader->input, CSV_INPUT_SIZE);
    if (got < 0)
        return READ_FAILED;
    reader->input_size = (size_t)got;
    return got ? 0 : END_OF_INPUT;
}

/* The next byte, left where it is. */
static int peek(struct csv_reader *reader)
{
    if (reader->input_at == reader->input_size) {
        int end = refill(reader);
        if (end)
            return end;
    }
    return (unsigned char)reader->input[reader->input_at];
}

static enum cell_end broken(struct csv_reader *reader, const char *message)
{
    reader->is_failed = true;
    reader->error = (struct csv_error){.line = reader->line,
                                       .byte = csv_position(reader),
                                       .column = reader->row.count + 1,
                                       .message = message};
    return CELL_BROKEN;
}

/* The cell is the place: its end has been taken already. */
static enum cell_end not_utf8(struct csv_reader *reader, const struct csv_cell *cell, int64_t line)
{
    broken(reader, "not UTF-8");
    reader->error.line = line;
    reader->error.byte = cell->byte;
    return CELL_BROKEN;
}

static bool keep(struct csv_reader *reader, int byte)
{
    if (reader->text_size + 1 >= CSV_ROW_MAX)
        return false;
    reader->text[reader->text_size++] = (char)byte;
    return true;
}

/* What stands behind a cell: a comma, a line end or the end. Takes it. */
static enum cell_end take_end(struct csv_reader *reader)
{
    int byte = peek(reader);

    if (byte == END_OF_INPUT)
        return CELL_INPUT;
    if (byte == READ_FAILED)
        return broken(reader, "the file cannot be read");
    if (byte == '\r') {
        reader->input_at++;
        if (peek(reader) != '\n')
            return broken(reader, "carriage return without line feed");
        byte = '\n';
    }
    bool is_delimiter = byte == reader->form.delimiter;
    if (!is_delimiter && byte != '\n')
        return broken(reader, "text behind the closing quote of a cell");
    reader->input_at++;
    reader->line += byte == '\n';
    return is_delimiter ? CELL_COMMA : CELL_LINE;
}

static enum cell_end read_bare(struct csv_reader *reader)
{
    for (;;) {
        int byte = peek(reader);
        if (byte < 0 || byte == reader->form.delimiter || byte == '\n' || byte == '\r')
            return take_end(reader);
        if (byte == '"' && reader->form.has_quotes)
            return broken(reader, "quote inside a cell that does not start with one");
        if (byte == 0)
            return broken(reader, "NUL byte");
        if (!keep(reader, byte))
            return broken(reader, "row longer than 256 KiB");
        reader->input_at++;
    }
}

static enum cell_end read_quoted(struct csv_reader *reader)
{
    reader->input_at++;
    for (;;) {
        int byte = peek(reader);
        if (byte == END_OF_INPUT)
            return broken(reader, "the file ends inside a quoted cell");
        if (byte == READ_FAILED)
            return broken(reader, "the file cannot be read");
        if (byte == 0)
            return broken(reader, "NUL byte");
        if (byte == '"') {
            reader->input_at++;
            if (peek(reader) != '"')
                return take_end(reader);
        }
        if (!keep(reader, byte))
            return broken(reader, "row longer than 256 KiB");
        reader->input_at++;
        reader->line += byte == '\n';
    }
}

static enum cell_end read_cell(struct csv_reader *reader)
{
    struct csv_cell cell = {.text = reader->text + reader->text_size, .byte = csv_position(reader)};
    bool is_quoted = peek(reader) == '"' && reader->form.has_quotes;
    int64_t line = reader->line;
    enum cell_end end;

    if (reader->row.count == CSV_COLUMN_MAX)
        return broken(reader, "more than 256 columns");
    end = is_quoted ? read_quoted(reader) : read_bare(reader);
    if (end == CELL_BROKEN)
        return end;
    cell.size = (size_t)(reader->text + reader->text_size - cell.text);
    if (!text_is_utf8(cell.text, cell.size))
        return not_utf8(reader, &cell, line);
    if (reader->text_size == CSV_ROW_MAX)
        return broken(reader, "row longer than 256 KiB");
    reader->text[reader->text_size++] = '\0';
    reader->row.cells[reader->row.count++] = cell;
    return end;
}

static void skip_byte_order_mark(struct csv_reader *reader)
{
    if (!reader->is_started && peek(reader) >= 0 && reader->input_size >= 3 &&
        !memcmp(reader->input, "\xEF\xBB\xBF", 3))
        reader->input_at = 3;
    reader->is_started = true;
}

/* Reads up to the end of the line. is_empty: the line has no character. */
static enum cell_end read_row(struct csv_reader *reader, bool *is_empty)
{
    int first = peek(reader);
    enum cell_end end = CELL_COMMA;

    *is_empty = first == '\r' || first == '\n';
    reader->text_size = 0;
    reader->row.count = 0;
    reader->row.line = reader->line;
    reader->row.byte = csv_position(reader);
    while (end == CELL_COMMA)
        end = read_cell(reader);
    return end;
}

enum csv_result csv_read(struct csv_reader *reader)
{
    bool is_empty = true;
    enum cell_end end = CELL_LINE;

    if (reader->is_failed)
        return CSV_BROKEN;
    skip_byte_order_mark(reader);
    while (is_empty && end != CELL_BROKEN) {
        if (peek(reader) == END_OF_INPUT)
            return CSV_END;
        end = read_row(reader, &is_empty);
    }
    return end == CELL_BROKEN ? CSV_BROKEN : CSV_ROW;
}

long csv_from_file(void *file, char *data, size_t room)
{
    size_t got = fread(data, 1, room, file);
    return got == 0 && ferror((FILE *)file) ? -1 : (long)got;
}

static void write_bare(FILE *file, char delimiter, const char *text)
{
    for (; *text; text++)
        fputc(*text == delimiter || *text == '\n' || *text == '\r' ? ' ' : *text, file);
}

void csv_write_cell_as(FILE *file, const struct csv_form *form, const char *text)
{
    const char special[] = {form->delimiter, '"', '\r', '\n', '\0'};

    if (!form->has_quotes) {
        write_bare(file, form->delimiter, text);
        return;
    }
    if (!text[strcspn(text, special)]) {
        fputs(text, file);
        return;
    }
    fputc('"', file);
    for (const char *at = text; *at; at++) {
        if (*at == '"')
            fputc('"', file);
        fputc(*at, file);
    }
    fputc('"', file);
}

void csv_write_cell(FILE *file, const char *text)
{
    csv_write_cell_as(file, &csv_standard, text);
}
