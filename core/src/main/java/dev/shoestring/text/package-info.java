/** Floor 3: tokenizers. */
@NullMarked
package dev.shoestring.text;

import org.jspecify.annotations.NullMarked;
