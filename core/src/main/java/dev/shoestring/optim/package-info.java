/** Floor 2: optimizers and learning-rate schedules. */
@NullMarked
package dev.shoestring.optim;

import org.jspecify.annotations.NullMarked;
