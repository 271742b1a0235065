/** Floor 6: a recipe made into a running job, and its folder. */
@NullMarked
package dev.shoestring.run;

import org.jspecify.annotations.NullMarked;
