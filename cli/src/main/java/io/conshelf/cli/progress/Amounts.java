package io.conshelf.cli.progress;

import java.time.Duration;
import java.util.Locale;

/// Amounts as people read them.
final class Amounts {
    private Amounts() {}

    /// `13.5 MB`, in powers of ten as networks and disks count.
    static String bytes(long bytes) {
        if (bytes < 1000) {
            return bytes + " B";
        }
        if (bytes < 999_950) {
            return String.format(Locale.ROOT, "%.1f kB", bytes / 1e3);
        }
        return bytes < 999_950_000 ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6) : String.format(Locale.ROOT, "%,.1f GB", bytes / 1e9);
    }

    static String megabytes(double megabytes) {
        return String.format(Locale.ROOT, megabytes < 1000 ? "%.1f" : "%.0f", megabytes);
    }

    /// `950`, `12.3k`, `4.5M`.
    static String count(double count) {
        if (count < 999.5) {
            return String.format(Locale.ROOT, "%.0f", count);
        }
        return count < 999_950 ? String.format(Locale.ROOT, "%.1fk", count / 1e3) : String.format(Locale.ROOT, "%.1fM", count / 1e6);
    }

    /// `0:07`, `12:30`, `1:02:03`.
    static String clock(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        return seconds < 3600
                ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
