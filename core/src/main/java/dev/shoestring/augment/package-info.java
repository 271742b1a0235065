/** Floor 4: stretching the data there is. */
@NullMarked
package dev.shoestring.augment;

import org.jspecify.annotations.NullMarked;
