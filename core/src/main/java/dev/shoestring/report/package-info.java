/** Floor 6: what a run shows: progress, summaries, TensorBoard events, HTML. */
@NullMarked
package dev.shoestring.report;

import org.jspecify.annotations.NullMarked;
