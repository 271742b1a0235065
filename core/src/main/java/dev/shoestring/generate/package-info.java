/** Text from language models: prompt pass, caches, and how the next piece is chosen. */
@NullMarked
package dev.shoestring.generate;

import org.jspecify.annotations.NullMarked;
