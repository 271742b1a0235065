/** Floor 0: recipes as typed records, their YAML form, and the errors a user can make. */
@NullMarked
package dev.shoestring.recipe;

import org.jspecify.annotations.NullMarked;
