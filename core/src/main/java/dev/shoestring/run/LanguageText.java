package dev.shoestring.run;

import java.util.List;
import java.util.stream.Stream;

/** The text of a language model's run, before it is tokenized. */
interface LanguageText {
    /** The training texts, for a tokenizer to be trained on. */
    Stream<String> texts();

    /** Tells whether a resumed run sees the data that it began with. */
    String fingerprint();

    /** What looks odd about the data, in sentences. */
    List<String> notes();

    /** About how many examples' worth of tokens are held out; 0 if nothing is. */
    int validationExamples();

    /** How much there is of it. Reads all of it. */
    TextAmount amount();

    /** Beginnings of held-out texts, the first ones, at most so many; none if nothing is held out. */
    List<SampleTexts.Prompt> prompts(LanguageInputs inputs, int most);

    /** Tokenizes and plans the rows. */
    PackedText pack(LanguageInputs inputs, RowAssembly assembly);
}
