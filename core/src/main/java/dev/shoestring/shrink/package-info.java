/** Floor 5: smaller networks from trained ones: what can be left out, what is left out, and learning from the larger one's answers. */
@NullMarked
package dev.shoestring.shrink;

import org.jspecify.annotations.NullMarked;
