"""Procedures for tests that walk at random: between them they hold every kind of element."""

OFFICE = """
    start s
    user accept
    xor complete
    user supplement
    and split
    user verify
    boundary late on=verify duration=P15D
    boundary remind on=verify cycle=R3/P4D beside
    service nudge operation=remind
    end nudged
    user visit
    send ask message=核对申请
    catch answer message=核对结果
    xor checked
    and join
    user opinion
    catch notice duration=P7D
    race objection
    catch quiet date=notice_ends
    catch objected message=异议
    user review
    xor decision
    user explain
    call pay calledElement=pay
    service publish operation=publish notice=approval
    end paid
    end refused
    s -> accept -> complete
    complete -> supplement : not(complete)
    complete -> split : *
    supplement -> accept
    split -> verify -> checked
    checked -> join
    split -> visit -> join
    split -> ask -> answer -> join
    late -> checked
    remind -> nudge -> nudged
    join -> opinion -> notice -> objection
    objection -> quiet -> review
    objection -> objected -> opinion
    review -> decision
    decision -> pay : approved
    decision -> explain : *
    explain -> refused
    pay -> publish -> paid
"""
PAY = """
    start ps
    user prepare
    user confirm
    xor again
    end pe
    ps -> prepare -> confirm -> again
    again -> prepare : wrong
    again -> pe : *
"""
SCOPES = """
    start s
    sub home times=2 {
        start hs
        or ways
        user photo
        user form
        user talk
        or meet
        xor trouble
        end gone error=REFUSED
        end he
        hs -> ways
        ways -> photo : wrong
        ways -> form : not(wrong)
        ways -> talk : approved
        photo -> meet
        form -> meet
        talk -> meet
        meet -> trouble
        trouble -> gone : complete = false and wrong
        trouble -> he : *
    }
    boundary refused on=home error=REFUSED
    boundary hurry on=home escalation=急 beside
    boundary late on=home duration=P20D
    user again loop=wrong max=4
    user each turns=3 until="approved = true"
    tx agree {
        start ts
        user sign
        boundary undo on=sign message=撤回
        end te cancel
        end ok
        ts -> sign -> ok
        undo -> te
    }
    boundary broken on=agree cancel
    throw loud signal=铃
    user last
    and rest
    catch bell signal=铃
    user heard
    s -> home -> rest
    rest -> again -> each -> agree -> loud -> last
    rest -> bell -> heard
    refused -> last
    hurry -> heard
    late -> again
    broken -> again
    esp objection {
        start os message=异议 beside
        user answer
        end oe
        os -> answer -> oe
    }
    esp stop {
        start qs message=撤回申请
        user archive
        end qe
        qs -> archive -> qe
    }
    esp watch {
        start ws when="complete and approved" beside
        user look
        ws -> look
    }
"""
KINDS = """
    start s message=来件
    manual a
    task b
    receive r message=回函
    boundary rc on=r signal=铃
    rule rate decision=level result=level
    throw out link=A
    catch in link=A
    sub t {
        start ts
        and f
        sub deep {
            start ds
            throw up escalation=督办
            user d
            boundary dc on=d when="wrong and approved"
            xor dx
            end dstop escalation=总
            end dbad error=坏
            end dgood
            ds -> up -> d -> dx
            dx -> dbad : wrong
            dx -> dstop : approved
            dx -> dgood : *
            dc -> dx
        }
        user e
        race w
        receive wr message=回音
        catch wc when=approved
        catch ws signal=铃
        catch wt duration=P9D
        xor wm
        and j
        end te
        ts -> f
        f -> deep -> j
        f -> e -> w
        w -> wr -> wm
        w -> wc -> wm
        w -> ws -> wm
        w -> wt -> wm
        wm -> j
        j -> te
        esp broken {
            start bs error=坏
            user mend
            end be
            bs -> mend -> be
        }
        esp louder {
            start ls escalation=督办 beside
            service lo operation=tell
            end le
            ls -> lo -> le
        }
        esp weekly {
            start wks cycle=R2/P7D beside
            service qo operation=count
            wks -> qo
        }
    }
    boundary tm on=t message=催办 beside
    boundary te2 on=t escalation=总 beside
    boundary terr on=t error
    call c calledElement=q times=2
    boundary ce on=c error=错
    user z loop=wrong max=3 before
    xor x
    throw say message=告知
    throw ring signal=铃
    end done message=办结
    end loud signal=铃
    end up2 escalation=总
    end over terminate
    end plain
    s -> a
    a -> b : complete
    a -> r : *
    b -> r
    r -> rate -> out
    rc -> out
    in -> t -> c -> z -> x
    tm -> say
    te2 -> say
    say -> plain
    terr -> z
    ce -> x
    x -> ring : wrong
    x -> over : level = "high"
    x -> up2 : approved
    x -> done : *
    ring -> loud
"""
CALLED = """
    start qs
    user g
    xor gx
    end gbad error=错
    end gok
    qs -> g -> gx
    gx -> gbad : wrong and approved
    gx -> gok : *
"""
LEVEL = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="levels" namespace="urn:jieban:test">
  <inputData id="i" name="wrong"/>
  <decision id="level" name="level"><variable name="level" typeRef="string"/>
    <informationRequirement><requiredInput href="#i"/></informationRequirement>
    <literalExpression><text>if wrong then "high" else "low"</text></literalExpression>
  </decision>
</definitions>"""
