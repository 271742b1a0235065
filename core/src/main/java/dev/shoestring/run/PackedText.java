package dev.shoestring.run;

import dev.shoestring.report.LanguageReport.Figure;
import dev.shoestring.train.DecoderPass;
import dev.shoestring.train.TokenLoss;
import java.util.List;

/** Text as tokens in batches, before there is a network. */
interface PackedText {
    /** What became of the data, in sentences. */
    List<String> notes();

    /** What a report shows of it. */
    List<Figure> figures();

    /** What a network is to do with it; may already measure the network as it is. */
    LanguageWork<?> work(DecoderPass pass, TokenLoss loss);
}
