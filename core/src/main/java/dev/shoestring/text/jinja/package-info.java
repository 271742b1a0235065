/** Floor 3: the part of Jinja that chat templates are written in, interpreted without any access to Java. */
@NullMarked
package dev.shoestring.text.jinja;

import org.jspecify.annotations.NullMarked;
