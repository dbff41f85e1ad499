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
