package dev.shoestring.data;

import java.nio.file.Path;

/** Where what was made once is kept: {@code SHOESTRING_CACHE}, or the system's folder for caches. */
final class CacheFolder {
    private CacheFolder() {}

    static Path of(String kind) {
        String given = System.getenv("SHOESTRING_CACHE");
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base = given != null && !given.isBlank()
                ? Path.of(given)
                : cache != null && !cache.isBlank()
                        ? Path.of(cache, "shoestring")
                        : Path.of(System.getProperty("user.home"), ".cache", "shoestring");
        return base.resolve(kind);
    }
}
