/** End-to-end step benchmarks; each prints one JSON line. */
@NullMarked
package dev.shoestring.benchmarks;

import org.jspecify.annotations.NullMarked;
