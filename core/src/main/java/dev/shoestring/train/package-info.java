/** Floor 5: the one training loop, its objectives and its observers. */
@NullMarked
package dev.shoestring.train;

import org.jspecify.annotations.NullMarked;
