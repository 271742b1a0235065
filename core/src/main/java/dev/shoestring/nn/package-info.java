/** Floor 2: layers, one a file. */
@NullMarked
package dev.shoestring.nn;

import org.jspecify.annotations.NullMarked;
