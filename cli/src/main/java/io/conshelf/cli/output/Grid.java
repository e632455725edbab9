package io.conshelf.cli.output;

/// A drawing of characters. With dots each character holds two by four of them (Braille), so that a line is finer than its characters.
final class Grid {
    private static final int DOTS_ACROSS = 2;
    private static final int DOTS_DOWN = 4;
    private static final char BRAILLE = '\u2800';
    // What each dot of a character adds to the empty one, row by row.
    private static final int[][] DOTS = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

    private final char[][] cells;
    private final boolean withDots;
    private final int width;
    private final int height;

    Grid(int columns, int rows, boolean withDots) {
        this.cells = new char[rows][columns];
        this.withDots = withDots;
        this.width = withDots ? columns * DOTS_ACROSS : columns;
        this.height = withDots ? rows * DOTS_DOWN : rows;
    }

    /// The column of a place between 0, at the left, and 1.
    int column(double part) {
        return Math.clamp(Math.round(part * (width - 1)), 0, width - 1);
    }

    /// The row of a height between 0, at the bottom, and 1; beyond them where the value is outside of what is shown.
    int row(double part) {
        return (int) Math.clamp(Math.round((1 - part) * (height - 1)), -height, 2L * height);
    }

    void dot(int x, int y, char mark) {
        if (y < 0 || y >= height) {
            return;
        }
        if (!withDots) {
            cells[y][x] = mark;
            return;
        }
        char cell = cells[y / DOTS_DOWN][x / DOTS_ACROSS];
        if (cell == 0 || isBraille(cell)) {
            cells[y / DOTS_DOWN][x / DOTS_ACROSS] = (char) ((cell == 0 ? BRAILLE : cell) | DOTS[y % DOTS_DOWN][x % DOTS_ACROSS]);
        }
    }

    /// A character in the place of whatever is drawn there.
    void note(int x, int y, char mark) {
        if (y >= 0 && y < height) {
            cells[withDots ? y / DOTS_DOWN : y][withDots ? x / DOTS_ACROSS : x] = mark;
        }
    }

    void line(int x1, int y1, int x2, int y2, char mark) {
        int steps = Math.max(1, Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1)));
        for (int i = 0; i <= steps; i++) {
            dot(x1 + Math.round((x2 - x1) * (float) i / steps), y1 + Math.round((y2 - y1) * (float) i / steps), mark);
        }
    }

    private static boolean isBraille(char cell) {
        return cell >= BRAILLE && cell <= BRAILLE + 0xFF;
    }

    String[] rows() {
        String[] rows = new String[cells.length];
        for (int i = 0; i < cells.length; i++) {
            rows[i] = new String(cells[i]).replace('\0', ' ');
        }
        return rows;
    }
}
